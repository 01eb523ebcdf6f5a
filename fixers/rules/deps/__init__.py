"""Rules about dependencies and their policies."""
