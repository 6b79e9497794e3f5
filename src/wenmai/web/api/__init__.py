"""The read-only API for other systems: tokens, limits, version 1."""
