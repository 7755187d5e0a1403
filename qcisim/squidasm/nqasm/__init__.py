"""Connections of programs that block."""
