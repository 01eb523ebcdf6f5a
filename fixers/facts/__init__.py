"""What several rules ask of a tree, worked out once per Project."""
