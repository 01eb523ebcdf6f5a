"""Rules about compose files."""
