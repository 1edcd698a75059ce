"""Conformance suites, analytic scenes and emulators for whoever writes a backend."""
