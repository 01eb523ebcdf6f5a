"""Rules about what git carries and who owns it."""
