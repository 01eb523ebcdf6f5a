"""Widgets that draw line by line, and the small ones around them."""
