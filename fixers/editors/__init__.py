"""Format-preserving edits: pure functions from bytes to bytes, one file per format."""
