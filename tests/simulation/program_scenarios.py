"""Scenarios with programs for tests: two nodes, a source of pairs, and a folder of programs made on the spot."""

from __future__ import annotations

from pathlib import Path

THIN = """
seed: 3
duration_s: 20
resolution: counts
nodes:
  a: {lat: 49.6265, lon: 6.159, role: trusted, processor: PROCESSOR}
  b: {lat: 49.785, lon: 6.073, role: trusted, processor: PROCESSOR}
links:
  pairs:
    between: [a, b]
    key_source: none
    programs: {}
    pair_source: {node: a, pair_rate_hz: 1e6, coincidence_window_s: 1e-9, wavelength_nm: 1550, fidelity: 0.98}
    arms:
      - fibre: {length_km: 0}
      - fibre: {length_km: 28}
  keys:
    between: [a, b]
    fibre: {length_km: 28}
    protocol: {block_s: 5}
"""
PERFECT = "{preset: perfect, qubits: 2, storing: 1.0}"


def thin(programs: str, processor: str = PERFECT) -> str:
    """The scenario of two nodes with these programs, indented by two."""
    return THIN.replace("PROCESSOR", processor) + "programs:\n" + programs


def folder(root: Path, alice: str, bob: str = "yield from ()", name: str = "made") -> Path:
    """A program folder with the bodies of the run methods of alice and bob; messages are their sockets."""
    place = root / name
    place.mkdir()
    (place / "__init__.py").write_text(
        '"""Made for a test."""\n\nrequires = "netqasm"\nstage = "quantum memory"\nsource = "a test"\ntimes = 5\n'
    )
    text = "from qcisim.squidasm.sim.stack.program import Program, ProgramMeta\n\n\n"
    for own, peer, body in (("alice", "bob", alice), ("bob", "alice", bob)):
        lines = "\n".join(f"        {line}" for line in body.splitlines())
        text += (
            f"class {own.title()}(Program):\n    @property\n    def meta(self):\n"
            f"        return ProgramMeta('{own}', ['{peer}'], ['{peer}'], 2)\n\n    def run(self, context):\n"
            f"        messages = context.csockets['{peer}']\n        pairs = context.epr_sockets['{peer}']\n"
            f"{lines}\n\n\n"
        )
    text += "def programs():\n    return {'alice': Alice(), 'bob': Bob()}\n"
    (place / "program.py").write_text(text)
    return place
