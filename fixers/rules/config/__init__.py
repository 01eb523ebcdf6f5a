"""Rules about configuration files of any format."""
