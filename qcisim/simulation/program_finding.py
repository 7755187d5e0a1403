"""Programs by name or folder, and their parameters, checked against what the folder declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from qcisim.errors import did_you_mean
from qcisim.programs import Declaration, find
from qcisim.simulation.fields import Problem
from qcisim.simulation.wording import show

if TYPE_CHECKING:
    from qcisim.simulation.program_spec import ProgramSpec

_KINDS = {"float": (int, float), "int": (int,), "bool": (bool,), "str": (str,)}
_WORDS = {"float": "a number", "int": "a whole number", "bool": "true or false", "str": "text"}


def declared(name: str) -> Declaration:
    """The shipped program of that name, or the folder. Raises `InputError` where there is neither."""
    return find(name, shipped_first=True)


def options_of(declaration: Declaration, spec: ProgramSpec) -> dict[str, Any]:
    """The options of a program with the parameters of the scenario."""
    options = {option.name: option.default for option in declaration.options}
    kinds = {option.name: option.kind for option in declaration.options}
    given = {k: float(v) if kinds.get(k) == "float" else v for k, v in spec.parameters.items()}
    return options | given


def parameter_problems(declaration: Declaration, spec: ProgramSpec) -> Iterator[Problem]:
    """Parameters that the program does not have, or of another type."""
    known = {option.name: option for option in declaration.options}
    for name, value in spec.parameters.items():
        where = ("parameters", name)
        if name not in known:
            hint = did_you_mean(name, known) or (f"parameters: {', '.join(known)}" if known else "it has none")
            wanted = f"a parameter of program '{declaration.name}'"
            yield Problem(where, wanted, f"'{name}'", hint, at_key=True)
            continue
        kind = known[name].kind
        if not isinstance(value, _KINDS[kind]) or (isinstance(value, bool) and kind != "bool"):
            yield Problem(where, _WORDS[kind], show(value))
