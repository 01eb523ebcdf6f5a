"""Rules for Go servers."""
