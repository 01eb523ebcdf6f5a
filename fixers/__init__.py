"""The library behind readiness-fix: find, mend, check and commit; no argv, no print, no screen."""
