"""Configurations of networks, and the run of programs on them."""
