"""SquidASM-compatible programs on qcisim's own engine: a mirror of the SquidASM module tree.

New programs import ``qcisim.squidasm.run.stack.run`` and the like; programs written for SquidASM run unmodified by
``python -m qcisim.squidasm script.py``, or after `install`.
"""

from qcisim.squidasm.installer import install, installed, uninstall

__all__ = ["install", "installed", "uninstall"]
