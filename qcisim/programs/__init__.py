"""Quantum-internet programs: folders with a SquidASM program per node, a network, and what theory says of the results.

A folder holds ``__init__.py`` (its declaration), ``program.py`` (the programs), ``expected.py`` (figures and formulas),
``network.yaml`` (a SquidASM configuration) and ``README.md``. What is imported here needs no netqasm;
`qcisim.programs.run` does.
"""

from qcisim.programs.declaration import STAGES, Declaration, declares, find, shipped
from qcisim.programs.figures import FALSE_ALARM, Figure, Formula, Mean, Rate, mean, rate
from qcisim.programs.links import Links, NoFormula

__all__ = [
    "FALSE_ALARM",
    "STAGES",
    "Declaration",
    "Figure",
    "Formula",
    "Links",
    "Mean",
    "NoFormula",
    "Rate",
    "declares",
    "find",
    "mean",
    "rate",
    "shipped",
]
