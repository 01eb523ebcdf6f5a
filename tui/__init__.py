"""The faces of readiness-fix: the command line, the screens and the plain prompts."""
