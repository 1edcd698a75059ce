"""The backends that come with the core; they run on any CPU and are found like anybody's."""
