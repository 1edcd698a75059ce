"""The stages of a pipeline: plain functions from data to data."""
