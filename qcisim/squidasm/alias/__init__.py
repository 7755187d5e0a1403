"""Subsets of the packages that SquidASM programs import beside SquidASM.

`qcisim.squidasm.install` gives them their names.
"""
