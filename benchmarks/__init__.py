"""Side-by-side runs: ratios in one run on one machine, never a time that a test asserts on."""
