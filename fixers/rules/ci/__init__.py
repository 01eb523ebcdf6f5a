"""Rules about continuous integration."""
