"""Runs of program folders: rounds, figures, formulas, noise budget, time line."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qcisim.errors import InputError
from qcisim.programs.declaration import Declaration, find
from qcisim.programs.figures import Figure, Formula, Rate
from qcisim.programs.folder import ProgramFault, ProgramFolder, Round, chosen, load, told
from qcisim.programs.links import Links, NoFormula
from qcisim.programs.noise import present, without
from qcisim.programs.timeline import Timeline, trace
from qcisim.stack.budget import NoiseBudget
from qcisim.stack.options import Options
from qcisim.stack.results import RunResult
from qcisim.stack.run import run as run_stack
from qcisim.stack.spec import Network


@dataclass(frozen=True, slots=True)
class Share:
    """What one kind of noise does to the figures.

    Args:
        kind: one of `qcisim.programs.noise.KINDS`.
        alone: figures of a run in which nothing else is noisy.
        removed: figures of a run without it.
    """

    kind: str
    alone: Mapping[str, Figure]
    removed: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class ProgramResult:
    """What a run of a program folder gave.

    Args:
        declaration: of the folder.
        options: that it ran with.
        seed: of its random numbers.
        rounds: what the programs returned, by node.
        noises: kinds of noise that the network has.
        figures: in this network.
        with_links: figures where only the links are noisy; empty where the links are not.
        ideal: figures without noise.
        formulas: of the figures where only the links are noisy; empty where ``no_formula`` says why.
        ideal_formulas: of the figures without noise.
        budget: what each kind of noise does.
        spent: which noise of the model acted where and how strongly, in all rounds.
        timeline: of the first round.
        pairs, sim_time_ns: of all rounds, of the longest.
    """

    declaration: Declaration
    options: Mapping[str, Any]
    seed: int
    rounds: Sequence[Round]
    noises: tuple[str, ...]
    figures: Mapping[str, Figure]
    with_links: Mapping[str, Figure]
    ideal: Mapping[str, Figure]
    formulas: Mapping[str, Formula]
    no_formula: str
    ideal_formulas: Mapping[str, Formula]
    budget: tuple[Share, ...]
    spent: NoiseBudget
    timeline: Timeline
    pairs: int
    sim_time_ns: float

    def disagreements(self) -> list[str]:
        """Figures that the formulas contradict, in words; empty where all is as it should be."""
        found = []
        for formulas, figures, where in (
            (self.formulas, self.with_links or self.ideal, "with noisy links alone"),
            (self.ideal_formulas, self.ideal, "without noise"),
        ):
            for name, formula in formulas.items():
                figure = figures.get(name)
                if figure is not None and not figure.agrees(formula.value):
                    found.append(f"{name} {where}: {figure.value:.6g}, expected {formula.text} = {formula.value:.6g}")
        return found


@dataclass(slots=True)
class _Runner:
    """Runs of one folder with the same options and seed on networks with less and less noise."""

    folder: ProgramFolder
    network: Network
    options: Mapping[str, Any]
    times: int
    seed: int
    workers: int
    _kept: dict[frozenset[str], Mapping[str, Figure]] = field(default_factory=dict)

    def rounds(self, network: Network) -> tuple[list[Round], RunResult]:
        programs = self.folder.programs(self.options)
        try:
            result = run_stack(network, programs, self.times, seed=self.seed, workers=self.workers)
        except InputError:
            raise
        except Exception as error:
            raise ProgramFault(told(error, self.folder.declaration.folder)) from error
        by_node = result.by_node
        idle = [name for name in programs if len(by_node[name]) != self.times]
        assert not idle
        rounds: list[Round] = [{name: by_node[name][index] for name in programs} for index in range(self.times)]
        return rounds, result

    def figures(self, kinds: frozenset[str]) -> Mapping[str, Figure]:
        """Of a run in which only these kinds of noise are left."""
        if kinds not in self._kept:
            gone = set(present(self.network)) - kinds
            rounds, _ = self.rounds(without(self.network, gone))
            self._kept[kinds] = self.folder.figures(rounds, self.options)
        return self._kept[kinds]

    def keep(self, kinds: frozenset[str], figures: Mapping[str, Figure]) -> None:
        self._kept[kinds] = figures


def run_program(
    name: str | Path,
    *,
    network: str | Path | Network | None = None,
    times: int | None = None,
    seed: int | None = None,
    settings: Sequence[str] = (),
    budget: bool = True,
    workers: int = 1,
) -> ProgramResult:
    """Run the program folder at a path, or a shipped program by its name.

    Args:
        network: a configuration file, or a network; None: the one of the folder.
        times: rounds; None: as the folder says.
        seed: of all random numbers; None: fresh ones.
        settings: options of the program, ``KEY=VALUE``.
        budget: whether to run again with each noise alone and without it.
        workers: processes that share the rounds; the results do not depend on how many.

    Raises:
        InputError: where the name, the folder, the network or an option is wrong, or the code raises an error.
    """
    declaration = find(str(name))
    folder = load(declaration)
    options = chosen(declaration.options, settings, declaration.name)
    if times is not None and times < 1:
        raise InputError(f"times {times}: wanted a whole number from 1")
    where = network if isinstance(network, Network) else folder.network(network)
    entropy = secrets.randbits(32) if seed is None else seed
    runner = _Runner(folder, where, options, times or declaration.times, entropy, workers)
    rounds, run = runner.rounds(where)
    figures = folder.figures(rounds, options)
    noises = present(where)
    runner.keep(frozenset(noises), figures)
    formulas, why = _formulas(folder, where, options) if "links" in noises else ({}, "")
    ideal_formulas, _ = _formulas(folder, without(where, noises), options)
    shares = tuple(_share(runner, kind, noises) for kind in noises) if budget and figures else ()
    return ProgramResult(
        declaration=declaration,
        options=options,
        seed=entropy,
        rounds=rounds,
        noises=noises,
        figures=figures,
        with_links=runner.figures(frozenset({"links"})) if "links" in noises else {},
        ideal=runner.figures(frozenset()),
        formulas=formulas,
        no_formula=why,
        ideal_formulas=ideal_formulas,
        budget=shares,
        spent=run.noise_budget,
        timeline=_timeline(folder, where, options, entropy),
        pairs=run.stats.pairs,
        sim_time_ns=run.sim_time,
    )


def _formulas(folder: ProgramFolder, network: Network, options: Mapping[str, Any]) -> tuple[dict[str, Formula], str]:
    try:
        return folder.expected(Links(network), options), ""
    except NoFormula as error:
        return {}, str(error)


def _share(runner: _Runner, kind: str, noises: tuple[str, ...]) -> Share:
    every = frozenset(noises)
    return Share(kind, runner.figures(frozenset({kind})), runner.figures(every - {kind}))


def _timeline(folder: ProgramFolder, network: Network, options: Mapping[str, Any], seed: int) -> Timeline:
    """The first round again, watched."""
    import random

    import numpy as np

    from qcisim.engine import stream

    programs = folder.programs(options)
    kept = random.getstate(), np.random.get_state()  # noqa: NPY002 -- programs may draw from the module's own stream
    draw = stream(seed, "programs/0")
    try:
        random.seed(int(draw.integers(2**63)))
        np.random.seed(int(draw.integers(2**32)))  # noqa: NPY002 -- as above
        return trace(network, programs, seed, Options())
    finally:
        random.setstate(kept[0])
        np.random.set_state(kept[1])  # noqa: NPY002 -- as above


def as_dict(result: ProgramResult) -> dict[str, Any]:
    """A result for JSON."""

    def of(figures: Mapping[str, Figure]) -> dict[str, Any]:
        return {name: _figure(figure) for name, figure in figures.items()}

    def said(formulas: Mapping[str, Formula]) -> dict[str, Any]:
        return {name: {"value": one.value, "text": one.text} for name, one in formulas.items()}

    return {
        "program": result.declaration.name,
        "options": dict(result.options),
        "seed": result.seed,
        "times": len(result.rounds),
        "noises": list(result.noises),
        "figures": of(result.figures),
        "figures_noisy_links_alone": of(result.with_links),
        "figures_without_noise": of(result.ideal),
        "expected_noisy_links_alone": said(result.formulas),
        "expected_without_noise": said(result.ideal_formulas),
        "no_formula": result.no_formula,
        "disagreements": result.disagreements(),
        "noise_budget": [
            {"noise": one.kind, "alone": of(one.alone), "removed": of(one.removed)} for one in result.budget
        ],
        "noise_spent": [
            {"place": e.place, "source": e.source, "count": e.count, "strength": e.total} for e in result.spent.entries
        ],
        "timeline": [
            {"start_ns": e.start_ns, "end_ns": e.end_ns, "node": e.node, "kind": e.kind, "text": e.text}
            for e in sorted(result.timeline.events, key=lambda one: one.start_ns)
        ],
        "rounds": [dict(one) for one in result.rounds],
        "pairs": result.pairs,
        "sim_time_ns": result.sim_time_ns,
    }


def _figure(figure: Figure) -> dict[str, Any]:
    low, high = figure.interval()
    numbers = {"value": figure.value, "low": low, "high": high}
    found: dict[str, Any] = {name: None if math.isnan(x) else x for name, x in numbers.items()}
    if isinstance(figure, Rate):
        found |= {"successes": figure.successes, "trials": figure.trials}
    return found
