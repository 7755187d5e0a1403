"""Clock, generator processes, signals, random streams."""
