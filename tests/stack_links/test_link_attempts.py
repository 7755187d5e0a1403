"""Links of attempts, and their fields as configurations give them."""

import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from link_regions import attempts_plausible, binomial_plausible

from qcisim.engine import stream
from qcisim.errors import InputError, PhysicsError
from qcisim.quantum.bell import BELL_KETS
from qcisim.stack.links import (
    LINK_TYPES,
    AttemptLink,
    PairState,
    depolarising_link,
    link_model,
    perfect_link,
    werner_pair,
)
from qcisim.stack.links.delivery import BELL_ORDER

PHI = np.outer(BELL_KETS[0], BELL_KETS[0])


def test_a_perfect_link_delivers_phi_plus_after_its_delay() -> None:
    for model, delay_ns in (
        (perfect_link(), 1000.0),
        (link_model("perfect"), 1000.0),
        (link_model("perfect", {"state_delay": None, "dummy": None, "length_A": 3}), 1000.0),
        (link_model("perfect", {"length": "30"}), 150_000.0),
        (link_model("perfect", {"state_delay": "2_020"}), 2020.0),
        (link_model("perfect", {"length": 10, "speed_of_light": "1e5"}), 100_000.0),
    ):
        made = model.sample(stream(1, "link"), 5.0)
        assert made.duration_ns == pytest.approx(delay_ns, rel=1e-15)
        assert (made.bell, made.attempts) == (0, 1)
        np.testing.assert_allclose(made.rho, PHI, atol=1e-15)


def test_a_delivery_shares_its_state() -> None:
    model, rng = depolarising_link(0.8, 0.3, 10.0), stream(1, "link")
    first, second = model.sample(rng), model.sample(rng)
    assert first.state is second.state
    assert first.rho is second.rho
    assert not first.rho.flags.writeable


@given(fidelity=st.floats(0.0, 1.0), bell=st.integers(0, 3))
def test_werner_pairs(fidelity: float, bell: int) -> None:
    pair = werner_pair(fidelity, bell)
    rest = (1.0 - fidelity) / 3.0
    assert pair.bell_weights == pytest.approx([fidelity if k == bell else rest for k in range(4)], abs=1e-12)
    np.testing.assert_allclose(pair.phi_plus, werner_pair(fidelity).rho, atol=1e-12)
    mixed = 4.0 * (1.0 - fidelity) / 3.0
    ket = BELL_KETS[BELL_ORDER[bell]]
    np.testing.assert_allclose(pair.rho, (1 - mixed) * np.outer(ket, ket.conj()) + mixed * np.eye(4) / 4, atol=1e-12)


def test_made_states_are_what_checked_ones_are() -> None:
    rng = np.random.default_rng(3)
    noise = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    rho = noise @ noise.conj().T
    rho /= rho.trace().real
    checked, made = PairState(rho), PairState.made(rho.copy())
    assert made.bell_weights == pytest.approx(checked.bell_weights, abs=1e-12)
    assert checked.flipped().flipped().rho == pytest.approx(rho)
    assert werner_pair(0.9).flipped().rho == pytest.approx(werner_pair(0.9).rho)


@pytest.mark.parametrize("probability", [1.0, 0.9, 0.3, 1e-3, 1e-9])
def test_attempts_are_geometric(probability: float) -> None:
    model, rng, draws = depolarising_link(0.9, probability, 7.0), stream(2, f"p{probability}"), 20_000
    made = [model.sample(rng) for _ in range(draws)]
    assert all(one.duration_ns == one.attempts * 7.0 for one in made)
    assert attempts_plausible(sum(one.attempts for one in made), draws, probability)
    first = sum(one.attempts == 1 for one in made)
    assert binomial_plausible(first, draws, probability)
    longest = 2 if probability > 0.5 else math.ceil(math.log(2.0) / probability)
    beyond = (1.0 - probability) ** longest
    assert binomial_plausible(sum(one.attempts > longest for one in made), draws, beyond)
    assert model.mean_duration_ns == pytest.approx(7.0 / probability)


def test_random_bell_states_are_equally_frequent() -> None:
    cfg = {"fidelity": "0.85", "prob_success": 1, "t_cycle": "1e5", "random_bell_state": "true"}
    model, rng, draws = link_model("depolarise", cfg), stream(4, "bell"), 8000
    made = [model.sample(rng) for _ in range(draws)]
    for bell in range(4):
        assert binomial_plausible(sum(one.bell == bell for one in made), draws, 0.25)
    assert {one.duration_ns for one in made} == {1e5}
    assert all(one.state.fidelity == pytest.approx(0.85) for one in made)
    assert model.mean_fidelity == pytest.approx(0.85)


def test_the_same_seed_gives_the_same_pairs() -> None:
    model = link_model("heralded", {"length": 20, "visibility": 0.9})
    runs = [[model.sample(rng) for _ in range(50)] for rng in (stream(7, "x"), stream(7, "x"), stream(8, "x"))]
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize(
    ("typ", "cfg", "words"),
    [
        ("depolarized", {}, "did you mean 'depolarise'"),
        ("depolarise", {"prob_success": 1, "t_cycle": 1}, "wanted fidelity, got none"),
        ("depolarise", {"fidelity": 0.9, "prob_success": 1}, "wanted t_cycle or length, got neither"),
        ("depolarise", {"fidelity": 0.9, "prob_success": 1, "t_cycle": 1, "length": 1}, "t_cycle or length, got both"),
        ("perfect", {"state_delay": 1, "length": 1}, "state_delay or length, got both"),
        ("depolarise", {"fidelity": "high", "prob_success": 1, "t_cycle": 1}, "fidelity: wanted a number, got 'high'"),
        ("depolarise", {"fidelity": 1.2, "prob_success": 1, "t_cycle": 1}, "fidelity 1.2: lies in [0, 1]"),
        ("depolarise", {"fidelity": 1, "prob_success": 0, "t_cycle": 1}, "or the wait never ends"),
        ("depolarise", {"fidelity": 1, "prob_success": 1, "t_cycle": -1}, "not negative"),
        ("heralded", {"length_A": 1}, "length_A and length_B; no length_B"),
        ("heralded", {"length": 1, "num_resolving": "perhaps"}, "num_resolving: wanted true or false"),
        ("heralded", {"length": 1, "num_multiplexing_modes": 1.5}, "wanted a whole number"),
        ("heralded", {"length": 1, "num_multiplexing_modes": 0}, "wanted at least one"),
        ("heralded", {"length": 1, "visibility": 1.5}, "visibility 1.5: a probability"),
        ("heralded", {"length": 1, "coin_prob_ph_ph": 2}, "a probability"),
        ("heralded", {"length": 1, "detector_efficiency": 0}, "no click ever"),
        ("heralded-single-click", {"length": 1, "speed_of_light_A": 0}, "wanted above 0"),
        ("perfect", {"length": 1, "speed_of_light": 0}, "wanted above 0"),
        ("nv", {"length_A": 1, "length_B": 1, "cycle_time": 1, "alpha": 0.1}, "wanted full_cycle, got none"),
    ],
)
def test_what_does_not_fit_is_refused(typ: str, cfg: dict[str, object], words: str) -> None:
    with pytest.raises(InputError) as caught:
        link_model(typ, cfg)
    assert words in str(caught.value)


def test_states_are_checked() -> None:
    with pytest.raises(PhysicsError):
        PairState(np.eye(4) / 3.0)
    with pytest.raises(PhysicsError):
        PairState(np.eye(2) / 2.0)
    with pytest.raises(PhysicsError):
        PairState(np.eye(4) / 4.0, 4)
    with pytest.raises(PhysicsError):
        AttemptLink((), 1.0)


def test_sampling_costs_microseconds() -> None:
    rng = stream(1, "speed")
    cfg = {"length": 10, "fidelity": 0.9, "prob_success": 0.1, "length_A": 5, "length_B": 5}
    for typ in LINK_TYPES:
        model = link_model(typ, cfg | {"full_cycle": 1, "cycle_time": 1, "alpha": 0.1})
        spent = math.inf
        for _ in range(5):
            start = time.process_time()
            for _ in range(1000):
                model.sample(rng)
            spent = min(spent, time.process_time() - start)
        assert spent < 20e-3, typ
