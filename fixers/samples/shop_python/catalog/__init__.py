"""The goods."""
