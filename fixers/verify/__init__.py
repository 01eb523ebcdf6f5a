"""The project's own build and tests: found, agreed to, run in a copy, compared with how it was before."""
