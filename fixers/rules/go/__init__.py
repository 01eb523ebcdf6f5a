"""Rules about Go code."""
