"""Settings of all tests."""

from hypothesis import settings

# The same cases every time: a run that fails fails again.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")
