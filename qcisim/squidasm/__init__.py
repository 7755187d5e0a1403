"""SquidASM-compatible programs on qcisim's own engine: a mirror of the SquidASM module tree."""
