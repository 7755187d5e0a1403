"""Applications whose roles are plain functions."""
