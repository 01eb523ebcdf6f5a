"""The built-in rules: one package per area, one file per rule."""
