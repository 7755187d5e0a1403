"""Reference cases: numbers with a source, shipped with the package."""
