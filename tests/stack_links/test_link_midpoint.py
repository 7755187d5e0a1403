"""Single and double clicks: against photons counted mode by mode, against the hardware model, and by their laws."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from link_regions import binomial_plausible

from qcisim.engine import stream
from qcisim.optics.heralding import Arm, Station, polarisation_click
from qcisim.quantum import werner_state
from qcisim.stack.links import (
    Coincidence,
    Midpoint,
    Side,
    double_click_link,
    double_click_pair,
    link_model,
    single_click_link,
    single_click_pair,
)

unit = st.floats(0.0, 1.0)
darks = st.floats(0.0, 0.2)
seen = st.floats(0.05, 1.0)


def side(probability: float, fidelity: float = 1.0) -> Side:
    return Side(0.0, collection_efficiency=probability, emission_fidelity=fidelity)


def photons_by_modes(
    p: tuple[float, float], visibility: float, dark: float, resolving: bool
) -> tuple[float, np.ndarray]:
    """Probability and state of a double click, photon by photon through a beam splitter of eight modes.

    Memories in (|0>|H> + |1>|V>)/sqrt 2 each. The second photon is sqrt(V) of the first one's wave form and
    sqrt(1-V) of another. Detectors: port c, d and polarisation; a good pattern has one click in H and one in V.
    """
    detectors = [(port, pol) for port in "cd" for pol in (0, 1)]
    total = np.zeros((4, 4), dtype=complex)
    flip = np.diag([1.0, -1.0, 1.0, -1.0])
    for arrived_a, arrived_b in itertools.product((0, 1), repeat=2):
        share = (p[0] if arrived_a else 1 - p[0]) * (p[1] if arrived_b else 1 - p[1])
        # amplitudes of the output occupations for each pair of memories; a lost photon tells its polarisation
        branches: dict[tuple[object, ...], np.ndarray] = {}
        for memory_a, memory_b in itertools.product((0, 1), repeat=2):
            # terms: amplitude, modes occupied
            terms: list[tuple[complex, tuple[tuple[str, int, str], ...]]] = [(0.5, ())]
            lost: list[object] = []
            if arrived_a:
                terms = [(a / math.sqrt(2), (*m, (port, memory_a, "same"))) for a, m in terms for port in "cd"]
            else:
                lost.append(("a", memory_a))
            if arrived_b:
                new = []
                for a, m in terms:
                    for port, sign in (("c", 1.0), ("d", -1.0)):
                        for form, weight in (("same", math.sqrt(visibility)), ("other", math.sqrt(1 - visibility))):
                            new.append((a * sign * weight / math.sqrt(2), (*m, (port, memory_b, form))))
                terms = new
            else:
                lost.append(("b", memory_b))
            for amplitude, modes in terms:
                occupied = tuple(sorted(modes))
                # a doubly occupied mode: (a^dagger)^2 |0> = sqrt 2 |2>
                factor = math.sqrt(2) if len(occupied) == 2 and occupied[0] == occupied[1] else 1.0
                ket = branches.setdefault((occupied, *lost), np.zeros(4, dtype=complex))
                ket[2 * memory_a + memory_b] += amplitude * factor
        for key, ket in branches.items():
            occupied = key[0]
            photons = [sum((m[0], m[1]) == d for m in occupied) for d in detectors]
            for fired in itertools.product((0, 1), repeat=4):
                chance = math.prod(dark if f else 1 - dark for f in fired)
                counts = [n + f for n, f in zip(photons, fired, strict=True)]
                if resolving and max(counts) > 1:
                    continue
                clicks = [d for d, count in zip(detectors, counts, strict=True) if count > 0]
                if len(clicks) != 2 or clicks[0][1] == clicks[1][1]:
                    continue
                rho = share * chance * np.outer(ket, ket.conj())
                total += rho if clicks[0][0] == clicks[1][0] else flip @ rho @ flip
    probability = total.trace().real
    return probability, total / probability


@pytest.mark.parametrize("resolving", [False, True])
@pytest.mark.parametrize(
    ("p_a", "p_b", "visibility", "dark"),
    [(1.0, 1.0, 1.0, 0.0), (0.7, 0.3, 0.8, 0.05), (0.2, 0.9, 0.0, 0.1), (0.01, 0.02, 0.95, 1e-3), (0.5, 0.5, 0.3, 0.2)],
)
def test_double_click_is_what_photons_do(
    p_a: float, p_b: float, visibility: float, dark: float, resolving: bool
) -> None:
    station = Midpoint(dark, 1.0, visibility, resolving)
    probability, rho = double_click_pair(side(p_a), side(p_b), station)
    wanted_probability, wanted = photons_by_modes((p_a, p_b), visibility, dark, resolving)
    assert probability == pytest.approx(wanted_probability, rel=1e-12)
    np.testing.assert_allclose(rho, wanted, atol=1e-13)


@given(p_a=seen, p_b=seen, v=unit, dark=darks, f_a=st.floats(0.25, 1.0), f_b=st.floats(0.25, 1.0), nr=st.booleans())
def test_double_click_agrees_with_the_hardware_model(
    p_a: float, p_b: float, v: float, dark: float, f_a: float, f_b: float, nr: bool
) -> None:
    probability, rho = double_click_pair(side(p_a, f_a), side(p_b, f_b), Midpoint(dark, 1.0, v, nr))
    herald = polarisation_click(Arm(p_a), Arm(p_b), werner_state(f_a), werner_state(f_b), Station(v, dark, 0.0, nr))
    assert probability == pytest.approx(herald.success_probability, rel=1e-9)
    np.testing.assert_allclose(rho, herald.rho, atol=1e-9)


@given(p_a=seen, p_b=seen, v=unit, dark=darks, ph=unit, mixed=unit, dd=unit)
def test_weights_of_a_double_click(
    p_a: float, p_b: float, v: float, dark: float, ph: float, mixed: float, dd: float
) -> None:
    """The table of events, row by row."""
    quiet = (1 - dark) ** 2
    true, same = 0.5 * p_a * p_b * quiet * ph, 0.5 * p_a * p_b * (1 + v) / 2 * 2 * dark * quiet * mixed
    one = (p_a * (1 - p_b) + p_b * (1 - p_a)) * 2 * dark * quiet * mixed
    none = (1 - p_a) * (1 - p_b) * 4 * dark**2 * quiet * dd
    total = true + same + one + none
    if total < 1e-12:
        return
    probability, rho = double_click_pair(side(p_a), side(p_b), Midpoint(dark, 1.0, v), Coincidence(ph, mixed, dd))
    assert probability == pytest.approx(total, rel=1e-12)
    fidelity = (true * (1 + v) / 2 + (one + none) / 4) / total
    assert 0.5 * (rho[1, 1] + rho[2, 2] + 2 * rho[1, 2]).real == pytest.approx(fidelity, abs=1e-12)


def test_asymmetric_arms() -> None:
    """An attempt takes as long as the longer arm there and back; each side has its own losses."""
    cfg = {
        "length_A": 4,
        "length_B": "10",
        "p_loss_init": 0.1,
        "p_loss_init_B": 0.3,
        "p_loss_length": 0.2,
        "p_loss_length_A": 0.5,
        "speed_of_light": 2e5,
        "speed_of_light_B": "1e5",
        "detector_efficiency": 0.8,
        "emission_fidelity_A": 0.95,
    }
    model = link_model("heralded-double-click", cfg)
    p_a = 0.9 * 10 ** (-0.5 * 4 / 10) * 0.8
    p_b = 0.7 * 10 ** (-0.2 * 10 / 10) * 0.8
    assert model.sample(stream(1, "a")).duration_ns % (2 * 10 / 1e5 * 1e9) == pytest.approx(0.0, abs=1e-3)
    assert model.success_probability == pytest.approx(p_a * p_b / 2, rel=1e-12)  # type: ignore[attr-defined]
    assert model.mean_fidelity == pytest.approx((1 + 3 * (4 * 0.95 - 1) / 3) / 4, abs=1e-12)
    swapped = {
        name[:-1] + {"A": "B", "B": "A"}[name[-1]] if name[-2:] in ("_A", "_B") else name: v for name, v in cfg.items()
    }
    mirrored = link_model("heralded", swapped)
    assert mirrored.mean_duration_ns == pytest.approx(model.mean_duration_ns)
    assert mirrored.success_probability == pytest.approx(model.success_probability)  # type: ignore[attr-defined]


def test_a_symmetric_cycle_is_length_over_c() -> None:
    for typ in ("heralded", "heralded-double-click", "heralded-single-click"):
        model = link_model(typ, {"length": 20, "speed_of_light": 1e9, "p_loss_length": 0})
        assert model.attempt_ns == pytest.approx(20.0, rel=1e-12)  # type: ignore[attr-defined]
    longer = link_model("heralded", {"length": 20, "emission_duration": 300, "collection_efficiency": 0.5})
    assert longer.attempt_ns == pytest.approx(100_300.0)  # type: ignore[attr-defined]
    assert longer.success_probability == pytest.approx(0.125 * 10**-0.5, rel=1e-12)  # type: ignore[attr-defined]


def test_multiplexing() -> None:
    one = link_model("heralded", {"length": 30})
    many = link_model("heralded", {"length": 30, "num_multiplexing_modes": "7"})
    p = one.success_probability  # type: ignore[attr-defined]
    assert many.success_probability == pytest.approx(1 - (1 - p) ** 7, rel=1e-12)  # type: ignore[attr-defined]


def test_both_clicks_are_as_frequent_and_as_good() -> None:
    model, rng, draws = link_model("heralded", {"length": 1, "visibility": 0.8}), stream(5, "psi"), 4000
    made = [model.sample(rng) for _ in range(draws)]
    assert {one.bell for one in made} == {1, 2}
    assert binomial_plausible(sum(one.bell == 1 for one in made), draws, 0.5)
    assert all(one.state.fidelity == pytest.approx(0.9) for one in made)
    np.testing.assert_allclose(*{one.bell: one.state.phi_plus for one in made}.values(), atol=1e-15)


@given(p_a=st.floats(0.05, 1.0), p_b=st.floats(0.05, 1.0), v=unit, alpha=st.floats(0.01, 0.9))
def test_weights_of_a_single_click(p_a: float, p_b: float, v: float, alpha: float) -> None:
    """Without dark counts: one bright alpha (1-alpha) p, both alpha^2, coherence sqrt(V p_a p_b) alpha (1-alpha)."""
    for resolving in (False, True):
        probability, rho = single_click_pair(side(p_a), side(p_b), Midpoint(0.0, 1.0, v, resolving), bright=alpha)
        bunched = 0.5 * p_a * p_b * (1 + v) * (0 if resolving else 1)
        both = alpha**2 * (p_a * (1 - p_b) + p_b * (1 - p_a) + bunched)
        one = alpha * (1 - alpha)
        total = both + one * (p_a + p_b)
        assert probability == pytest.approx(total, rel=1e-9)
        assert rho[3, 3].real == pytest.approx(both / total, abs=1e-12)
        assert rho[1, 1].real == pytest.approx(one * p_b / total, abs=1e-12)
        assert rho[1, 2].real == pytest.approx(math.sqrt(v * p_a * p_b) * one / total, abs=1e-12)


def test_minimum_fidelity_is_one_minus_alpha() -> None:
    lossy = {"length": 300, "visibility": 1}
    for wanted in (0.99, 0.9, 0.8):
        model = link_model("heralded-single-click", lossy | {"minimum_fidelity": wanted})
        assert model.mean_fidelity == pytest.approx(wanted, abs=1e-3)
    assert link_model("heralded-single-click", lossy).mean_fidelity == pytest.approx(0.99, abs=1e-3)


def test_the_link_of_nv_centres() -> None:
    cfg = {"length_A": 0.01, "length_B": 0.01, "full_cycle": 0.1, "cycle_time": "5", "alpha": 0.1}
    model = link_model("nv", cfg)
    wanted = single_click_link(Side(0.01), Side(0.01), bright=0.1, attempt_ns=5.0)
    assert model.mean_duration_ns == pytest.approx(wanted.mean_duration_ns)
    assert model.mean_fidelity == pytest.approx(wanted.mean_fidelity)


@given(v=unit, p=st.floats(0.01, 1.0), dark=st.floats(0.0, 0.1))
def test_noise_never_helps(v: float, p: float, dark: float) -> None:
    clean = double_click_link(side(p), side(p), Midpoint(0.0, 1.0, v))
    noisy = double_click_link(side(p), side(p), Midpoint(dark, 1.0, v))
    worse = double_click_link(side(p, 0.9), side(p), Midpoint(dark, 1.0, v))
    assert noisy.mean_fidelity <= clean.mean_fidelity + 1e-12
    assert worse.mean_fidelity <= max(noisy.mean_fidelity, 0.25) + 1e-12
