"""The shipped programs: exact without noise, as their formulas say on noisy links, cheaters caught as they ought."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
from fractions import Fraction

import pytest

from qcisim.cli import execute
from qcisim.errors import InputError
from qcisim.programs import STAGES, Links, Rate, find, shipped
from qcisim.programs.folder import load
from qcisim.programs.run import ProgramResult, run_program
from qcisim.stack.links import depolarising_link
from qcisim.stack.spec import GenericDevice, Network

NOISY = 0.8
"""Fidelity of the links in these tests, low so that a wrong formula shows."""

EXACT = {
    "anonymous": {"fidelity": 1.0},
    "bernstein_vazirani": {"secret found": 1.0},
    "blind_computing": {"answer 0": 1.0, "trap sprung": 0.0},
    "chsh_game": {},
    "coin_flipping": {"aborted": 0.0},
    "distillation": {"fidelity": 1.0, "success": 1.0},
    "distributed_cnot": {"fidelity": 1.0, "truth table": 1.0},
    "ghz_clocks": {},
    "ghz_key": {"key errors of Bob": 0.0, "key errors of Charlie": 0.0, "test errors": 0.0, "secret share": 1.0},
    "magic_square": {"won": 1.0},
    "secret_sharing": {"errors together": 0.0},
    "teleportation": {"fidelity": 1.0},
}
"""Figures that have this value in every round without noise."""

OPTIONS = {
    "anonymous": [["sender=dave", "receiver=bob"], ["liar=bob"], ["liar=alice"]],
    "bernstein_vazirani": [["secret=011"], ["secret=000"]],
    "blind_computing": [["phi1_deg=45", "phi2_deg=135"], ["attack=flip"], ["attack=guess"]],
    "chsh_game": [["strategy=classical"]],
    "coin_flipping": [["cheater=alice"], ["cheater=bob"]],
    "distillation": [["levels=2"]],
    "ghz_clocks": [["phase_deg=90"], ["entangled=false"]],
    "magic_square": [["strategy=classical"]],
    "secret_sharing": [["dishonest=true"]],
    "teleportation": [["theta_deg=180"], ["theta_deg=90", "phi_deg=270"]],
}
CASES = [(name, settings) for name in EXACT for settings in ([], *OPTIONS.get(name, []))]


def noisy_links(name: str, *, fidelities: tuple[float, ...] = (NOISY,)) -> Network:
    """The network of a program with perfect devices and links of these fidelities in turn."""
    network = load(find(name)).network()
    quality = itertools.cycle(fidelities)
    links = [dataclasses.replace(one, model=depolarising_link(next(quality), 1.0, 1e3)) for one in network.links]
    nodes = dict.fromkeys(network.nodes, GenericDevice.perfect(10))
    return dataclasses.replace(network, links=tuple(links), nodes=nodes)


def ran(name: str, settings: list[str], times: int, seed: int = 11) -> ProgramResult:
    network = noisy_links(name, fidelities=(NOISY, 0.9, 0.75))
    return run_program(name, network=network, settings=settings, times=times, seed=seed, budget=False)


def test_every_program_is_tested() -> None:
    assert list(EXACT) == list(shipped())


@pytest.mark.parametrize("name", EXACT)
def test_folder_says_what_it_is(name: str) -> None:
    declaration = find(name)
    readme = (declaration.folder / "README.md").read_text()
    for part in (
        "**Idea.**",
        "**Stage.**",
        "**Run it.**",
        "**Expected.**",
        "**Assumptions.**",
        "**Simplified.**",
        "**Reference",
    ):
        assert part in readme, part
    assert f"qcisim program run {name}" in readme
    assert declaration.stage in STAGES
    assert declaration.stage.split()[0].lower() in readme.split("**Stage.**")[1][:40].lower()
    assert declaration.source
    for option in declaration.options:
        assert option.text, option.name
        assert option.name in readme or option.name in ("test_share",), option.name


@pytest.mark.parametrize("name", EXACT)
def test_commands_of_the_readme_run(name: str) -> None:
    readme = (find(name).folder / "README.md").read_text()
    commands = re.findall(r"`(qcisim program run [^`]+)`", readme)
    commands += [f"qcisim program run {name} {options}" for options in re.findall(r"`(--set [^`]+)`", readme)]
    assert commands
    for command in commands:
        assert execute([*command.split()[1:], "--times", "1", "--no-budget", "--json", "-"]) == 0, command


@pytest.mark.parametrize("name", EXACT)
def test_exact_without_noise(name: str) -> None:
    result = run_program(name, times=15, seed=3, budget=False)
    for figure, value in EXACT[name].items():
        assert abs(result.ideal[figure].value - value) < 1e-9, figure
    assert result.disagreements() == []


@pytest.mark.parametrize("name", EXACT)
def test_own_network_has_formulas_and_noise_of_three_kinds(name: str) -> None:
    declaration = find(name)
    result = run_program(name, times=3, seed=1, budget=False)
    assert result.noises == ("links", "gates", "memory")
    assert result.formulas
    assert result.no_formula == ""
    assert set(result.formulas) <= set(result.figures)
    assert declaration.times >= 50


@pytest.mark.parametrize(
    ("name", "settings"), CASES, ids=lambda value: value if isinstance(value, str) else "-".join(value)
)
def test_formulas_hold_on_noisy_links(name: str, settings: list[str]) -> None:
    result = ran(name, settings, 70)
    assert result.formulas
    assert result.disagreements() == []


@pytest.mark.full
@pytest.mark.parametrize(
    ("name", "settings"), CASES, ids=lambda value: value if isinstance(value, str) else "-".join(value)
)
def test_formulas_hold_on_noisy_links_in_many_rounds(name: str, settings: list[str]) -> None:
    result = ran(name, settings, 1500, seed=12)
    assert result.disagreements() == []


def test_wrong_formula_would_show() -> None:
    """400 rounds tell 1/2 from 3/4, which is what cheaters and classical bounds need."""
    assert not Rate(200, 400).agrees(0.75)
    assert not Rate(300, 400).agrees(0.5)
    assert not Rate(399, 400).agrees(1.0)


def test_classical_bounds_are_exact() -> None:
    from qcisim.protocols.bernstein_vazirani.expected import classical_bound as one_question
    from qcisim.protocols.chsh_game.expected import classical_bound as chsh
    from qcisim.protocols.magic_square.expected import classical_bound as square

    assert chsh() == Fraction(3, 4)
    assert square() == Fraction(8, 9)
    assert one_question() == Fraction(1, 4)


def test_quantum_players_beat_the_classical_bound() -> None:
    """By more than chance: the lower end of an interval that errs once in 1e9."""
    result = run_program(
        "magic_square", network=noisy_links("magic_square", fidelities=(1.0,)), times=250, seed=1, budget=False
    )
    won = result.figures["won"]
    assert isinstance(won, Rate)
    assert won.interval(1 - 2e-9)[0] > 8 / 9


def test_cheating_server_is_caught_and_an_honest_one_is_not() -> None:
    honest = ran("blind_computing", ["test_share=1"], 150).figures["trap sprung"]
    cheat = ran("blind_computing", ["test_share=1", "attack=flip"], 150).ideal["trap sprung"]
    assert isinstance(cheat, Rate)
    assert cheat.agrees(0.5)
    assert cheat.interval(1 - 2e-9)[0] > 0.25
    w = (4 * NOISY - 1) / 3
    assert honest.agrees((1 - w**2) / 2)


def test_fisher_information_of_clocks() -> None:
    """n² for entangled clocks where they are most sensitive, n for clocks alone, whatever the phase."""
    from qcisim.protocols.ghz_clocks.expected import information

    assert information(math.pi / 6, 1.0, 3) == pytest.approx(9.0, abs=1e-12)
    assert 3 * information(0.3, 1.0, 1) == pytest.approx(3.0, abs=1e-12)
    assert information(math.pi / 6, 0.8, 3) == pytest.approx(9 * 0.64, abs=1e-12)


def test_coin_of_a_cheater_stays_between_kitaev_and_ambainis() -> None:
    """The best attacks reach 3/4, above the bound that no protocol can pass."""
    from qcisim.protocols.coin_flipping.expected import KITAEV, expected

    perfect = Links(noisy_links("coin_flipping", fidelities=(1.0,)))
    for cheater in ("alice", "bob"):
        won = expected(perfect, cheater)["coin is 1"].value
        assert won == pytest.approx(0.75, abs=1e-12)
        assert won > KITAEV


def test_distillation_gains_and_spends() -> None:
    one, two = (ran("distillation", [f"levels={n}"], 40) for n in (1, 2))
    assert NOISY < one.figures["fidelity"].value < two.figures["fidelity"].value
    assert one.figures["success"].value > two.figures["success"].value
    assert two.pairs > one.pairs


@pytest.mark.parametrize(
    ("name", "setting", "wanted"),
    [
        ("distillation", "levels=9", "levels 9: wanted 1 to 4"),
        ("bernstein_vazirani", "secret=12", "wanted three bits, such as 101"),
        ("blind_computing", "phi1_deg=30", "wanted a multiple of 45"),
        ("blind_computing", "attack=hack", "wanted one of none, flip, guess"),
        ("anonymous", "sender=eve", "wanted one of alice, bob, charlie, dave"),
        ("anonymous", "receiver=alice", "wanted another party"),
        ("chsh_game", "strategy=magic", "wanted one of quantum, classical"),
        ("coin_flipping", "cheater=charlie", "wanted one of nobody, alice, bob"),
        ("ghz_key", "test_share=1", "there must be key and tests"),
    ],
)
def test_impossible_options(name: str, setting: str, wanted: str) -> None:
    with pytest.raises(InputError, match=wanted):
        run_program(name, settings=[setting], times=1)
