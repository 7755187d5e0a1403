"""Heralded pairs: limits, an independent count of photons mode by mode, published operating points, refusals."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from qcisim.errors import PhysicsError
from qcisim.optics import Fibre
from qcisim.optics.heralding import (
    Arm,
    Herald,
    Station,
    best_deterministic_fidelity,
    double_click,
    expected_rounds,
    polarisation_click,
    single_click,
)
from qcisim.quantum import Memory, bell_state, check_density, werner_state

share = st.floats(0.0, 1.0)
efficiency = st.floats(0.01, 1.0)
Photon = dict[tuple[str, ...], complex]
Amplitudes = dict[tuple[tuple[str, ...], ...], complex]


# Photons counted mode by mode


def fock(photons: Sequence[Photon]) -> Amplitudes:
    """Amplitudes of the occupations that creation operators make of the vacuum; a mode is a tuple of labels."""
    terms: Amplitudes = {(): 1.0}
    for photon in photons:
        longer: Amplitudes = defaultdict(complex)
        for modes, amplitude in terms.items():
            for mode, coefficient in photon.items():
                longer[tuple(sorted((*modes, mode)))] += amplitude * coefficient
        terms = longer
    return {
        modes: amplitude * math.sqrt(math.prod(math.factorial(modes.count(m)) for m in set(modes)))
        for modes, amplitude in terms.items()
    }


def behind_the_splitter(side: str, overlap: float, *labels: str) -> Photon:
    """A photon of side a or b in two internal shapes: b overlaps a by sqrt(V)."""
    shapes = {"same": 1.0} if side == "a" else {"same": math.sqrt(overlap), "other": math.sqrt(1 - overlap)}
    sign = 1.0 if side == "a" else -1.0
    out: Photon = {}
    for shape, amplitude in shapes.items():
        out["+", shape, *labels] = amplitude / math.sqrt(2)
        out["-", shape, *labels] = sign * amplitude / math.sqrt(2)
    return out


def pattern(
    modes: tuple[tuple[str, ...], ...], detectors: Sequence[str], wanted: set[str], dark: float, counts: bool
) -> float:
    """P(exactly the ``wanted`` detectors report a photon | occupation); a detector is a port and a polarisation."""
    probability = 1.0
    for detector in detectors:
        light = sum(m[0] + "".join(m[2:]) == detector for m in modes)
        if detector in wanted:
            if counts:
                probability *= (1 - dark) if light == 1 else dark if light == 0 else 0.0
            else:
                probability *= 1.0 if light else dark
        else:
            probability *= 0.0 if light else 1 - dark
    return probability


def heralded(
    branches: dict[tuple[int, ...], list[tuple[tuple[int, ...], complex, list[Photon]]]],
    detectors: Sequence[str],
    wanted: set[str],
    dark: float,
    counts: bool,
) -> np.ndarray:
    """Unnormalised rho of two qubits: sum over what the surroundings know and over occupations."""
    rho = np.zeros((4, 4), dtype=complex)
    tables: dict[object, list[tuple[int, Amplitudes]]] = defaultdict(list)
    for qubits, ways in branches.items():
        for known, amplitude, photons in ways:
            index = 2 * qubits[0] + qubits[1]
            tables[known].append((index, {k: amplitude * v for k, v in fock(photons).items()}))
    for entries in tables.values():
        for (i, left), (j, right) in itertools.product(entries, repeat=2):
            for modes in set(left) & set(right):
                rho[i, j] += left[modes] * np.conj(right[modes]) * pattern(modes, detectors, wanted, dark, counts)
    return rho


def counted_single_click(alpha: Sequence[float], eta: Sequence[float], station: Station) -> np.ndarray:
    branches: dict[tuple[int, ...], list[tuple[tuple[int, ...], complex, list[Photon]]]] = {}
    for qubits in itertools.product((0, 1), repeat=2):
        ways = []
        for lost in itertools.product((0, 1), repeat=2):
            if any(gone and not bright for gone, bright in zip(lost, qubits, strict=True)):
                continue
            amplitude, photons = 1.0, []
            for side, bright, gone, a, e in zip("ab", qubits, lost, alpha, eta, strict=True):
                amplitude *= math.sqrt(a if bright else 1 - a)
                if bright:
                    amplitude *= math.sqrt(1 - e if gone else e)
                    photons += [] if gone else [behind_the_splitter(side, station.visibility)]
            ways.append((lost, amplitude, photons))
        branches[qubits] = ways
    return heralded(branches, "+-", {"+"}, station.dark_count_probability, station.number_resolving)


@settings(max_examples=50, deadline=None)
@given(share, share, efficiency, efficiency, share, share, st.booleans())
def test_single_click_against_photons_counted_mode_by_mode(
    alpha_a: float, alpha_b: float, eta_a: float, eta_b: float, visibility: float, dark: float, counts: bool
) -> None:
    station = Station(visibility, dark, number_resolving=counts)
    wanted = counted_single_click((alpha_a, alpha_b), (eta_a, eta_b), station)
    if wanted.trace().real < 1e-6:
        return
    herald = single_click(Arm(eta_a), Arm(eta_b), alpha_a, alpha_b, station)
    assert herald.success_probability == pytest.approx(2 * wanted.trace().real, rel=1e-9)
    assert np.abs(herald.rho - wanted / wanted.trace()).max() < 1e-9


@settings(max_examples=25, deadline=None)
@given(efficiency, efficiency, share, share, st.booleans())
def test_polarisation_click_against_photons_counted_mode_by_mode(
    eta_a: float, eta_b: float, visibility: float, dark: float, counts: bool
) -> None:
    station = Station(visibility, dark, number_resolving=counts)
    branches: dict[tuple[int, ...], list[tuple[tuple[int, ...], complex, list[Photon]]]] = {}
    for qubits in itertools.product((0, 1), repeat=2):
        ways = []
        for lost in itertools.product((0, 1), repeat=2):
            amplitude, photons, known = 0.5, [], []
            for side, bit, gone, eta in zip("ab", qubits, lost, (eta_a, eta_b), strict=True):
                amplitude *= math.sqrt(1 - eta if gone else eta)
                known.append(1 + bit if gone else 0)  # a lost photon keeps its polarisation
                photons += [] if gone else [behind_the_splitter(side, visibility, "HV"[bit])]
            ways.append((tuple(known), amplitude, photons))
        branches[qubits] = ways
    detectors = ["+H", "+V", "-H", "-V"]
    same = heralded(branches, detectors, {"+H", "+V"}, dark, counts)
    across = heralded(branches, detectors, {"+H", "-V"}, dark, counts)
    flip = np.diag([1, -1, 1, -1])
    wanted = 2 * (same + flip @ across @ flip)
    if wanted.trace().real < 1e-6:
        return
    herald = polarisation_click(Arm(eta_a), Arm(eta_b), bell_state(0), bell_state(0), station)
    assert herald.success_probability == pytest.approx(wanted.trace().real, rel=1e-9)
    assert np.abs(herald.rho - wanted / wanted.trace()).max() < 1e-9


# Laws and limits


@given(share, share, st.floats(1e-6, 1.0), st.floats(1e-6, 1.0), share, st.floats(0.0, 0.5), st.floats(0.0, 3.0), share)
def test_heralded_pairs_are_states_and_chances_probabilities(
    alpha_a: float, alpha_b: float, eta_a: float, eta_b: float, v: float, dark: float, phase: float, double: float
) -> None:
    station = Station(v, dark, phase)
    arms = Arm(eta_a, double_excitation=double), Arm(eta_b, double_excitation=double)
    heralds = [double_click(*arms, station), polarisation_click(*arms, werner_state(0.9), bell_state(0), station)]
    if alpha_a * eta_a + alpha_b * eta_b + dark > 1e-9:
        heralds.append(single_click(*arms, alpha_a, alpha_b, station))
    for herald in heralds:
        check_density(herald.rho)
        assert 0.0 < herald.success_probability <= 1.0 + 1e-12
        assert herald.pair.fidelity() == pytest.approx(herald.fidelity, abs=1e-12)


@given(st.floats(0.001, 0.999), st.floats(1e-9, 1e-6))
def test_single_click_at_low_efficiency(alpha: float, eta: float) -> None:
    """p = 2 alpha eta, F = 1 - alpha."""
    herald = single_click(Arm(eta), Arm(eta), alpha, alpha)
    assert herald.success_probability == pytest.approx(2 * alpha * eta, rel=1e-5)
    assert herald.fidelity == pytest.approx(1 - alpha, abs=1e-5)


@given(st.floats(1e-6, 1.0), share)
def test_double_click_costs_rate_not_fidelity(eta: float, v: float) -> None:
    for herald in (
        double_click(Arm(eta), Arm(eta), Station(v)),
        polarisation_click(Arm(eta), Arm(eta), bell_state(0), bell_state(0), Station(v)),
    ):
        assert herald.success_probability == pytest.approx(eta * eta / 2, rel=1e-9)
        assert herald.fidelity == pytest.approx((1 + v) / 2, abs=1e-9)


def test_what_spoils_a_single_click_pair() -> None:
    clean = single_click(Arm(1e-4), Arm(1e-4), 0.05, 0.05).fidelity
    for arm, station in (
        (Arm(1e-4), Station(0.9)),
        (Arm(1e-4), Station(1.0, 1e-6)),
        (Arm(1e-4), Station(1.0, 0.0, 0.3)),
        (Arm(1e-4, double_excitation=0.05), Station()),
    ):
        assert single_click(arm, arm, 0.05, 0.05, station).fidelity < clean - 1e-3
    phase = single_click(Arm(1e-6), Arm(1e-6), 0.0001, 0.0001, Station(1.0, 0.0, 0.5)).fidelity
    assert phase == pytest.approx((1 + math.exp(-0.125)) / 2, abs=2e-4)


def test_unequal_arms_want_populations_in_the_inverse_ratio() -> None:
    """alpha_a eta_a = alpha_b eta_b balances the two ways a click can come about."""
    near, far = Arm(4e-4), Arm(1e-4)
    balanced = single_click(near, far, 0.02, 0.08).fidelity
    assert balanced > single_click(near, far, 0.08, 0.02).fidelity
    assert balanced > single_click(near, far, 0.05, 0.05).fidelity


def test_the_rate_of_the_link_at_two_metres() -> None:
    """Humphreys et al. (2018), second-hand parameters: 6 Hz at 0.81(2) fidelity with small populations."""
    arms = (Arm(2.8e-4, double_excitation=0.04), Arm(4.2e-4, double_excitation=0.04))
    station = Station(0.9, 20.0 * 25e-9, math.radians(15.0))
    herald = single_click(*arms, 0.05, 0.05, station, preparation_s=5.5e-6)
    assert 5.0 < herald.rate_hz < 9.0
    assert herald.fidelity == pytest.approx(0.81, abs=0.04)


def test_times_follow_the_fibre() -> None:
    near, far = Arm(0.5, Fibre(10.0)), Arm(0.5, Fibre(15.0))
    herald = double_click(near, far, preparation_s=5e-6, gap_s=2e-6)
    assert herald.attempt_s == pytest.approx(7e-6 + 2 * Fibre(15.0).delay_s, rel=1e-12)
    assert herald.wait_a_s == pytest.approx(2 * Fibre(10.0).delay_s + 2e-6, rel=1e-12)
    assert herald.wait_b_s == pytest.approx(2 * Fibre(15.0).delay_s + 2e-6, rel=1e-12)
    assert herald.rate_hz == pytest.approx(herald.success_probability / herald.attempt_s)


def test_memories_wait_for_the_herald() -> None:
    herald = Herald(1e-3, bell_state(2), 1e-3, 0.3, 0.5)
    pair = herald.arrived(Memory(t2_s=1.0), Memory(t2_s=2.0))
    assert pair.fidelity() == pytest.approx((1 + math.exp(-0.3 - 0.25)) / 2, abs=1e-12)
    damped = herald.arrived(Memory(1e-3, 1e-3), Memory(1e-3, 1e-3)).to_density()  # both end dark, b flipped
    assert np.abs(damped - np.diag([0, 1, 0, 0])).max() < 1e-12


# Waiting and delivering


@given(st.floats(0.01, 1.0), st.integers(1, 40))
def test_expected_rounds_against_the_tail_sum(p: float, links: int) -> None:
    rounds = np.arange(0, math.ceil(60.0 / p))
    with np.errstate(divide="ignore"):
        tail = -np.expm1(links * np.log1p(-((1 - p) ** rounds)))
    assert expected_rounds(p, links) == pytest.approx(float(tail.sum()), rel=1e-9)


def test_expected_rounds_of_two_links_and_of_many() -> None:
    for p in (0.5, 0.01, 1e-6):
        assert expected_rounds(p, 2) == pytest.approx((3 - 2 * p) / (p * (2 - p)), rel=1e-12)
        assert expected_rounds(p, 1) == pytest.approx(1 / p, rel=1e-12)
    harmonic = math.fsum(1 / j for j in range(1, 1001))
    assert expected_rounds(1e-7, 1000) == pytest.approx(harmonic / 1e-7, rel=1e-6)
    assert expected_rounds(1.0, 7) == 1.0


def test_simulated_waits_have_the_expected_mean() -> None:
    """Mean of 50,000 maxima of 5 geometric times, inside the normal interval of its exact spread at 1e-9."""
    rng, p, links, shots = np.random.default_rng(8), 0.07, 5, 50_000
    waits = rng.geometric(p, (shots, links)).max(axis=1)
    rounds = np.arange(0, 2000)
    tail = -np.expm1(links * np.log1p(-((1 - p) ** rounds[1:])))
    mean = 1.0 + tail.sum()
    spread = math.sqrt(1.0 + float(((2 * rounds[1:] + 1) * tail).sum()) - mean**2)
    assert abs(waits.mean() - expected_rounds(p, links)) < stats.norm.isf(5e-10) * spread / math.sqrt(shots)


@given(st.floats(0.0, 50.0))
def test_deterministic_delivery_is_the_best_over_all_waits(x: float) -> None:
    """Entangling at rate x against decoherence at 1: deliver F = 1/4 + 3/4 e^-age; the best waiting rule."""
    value = best_deterministic_fidelity(x)
    assert 0.25 <= value <= 1.0
    if x > 0.01:
        times = np.linspace(1e-6, 60.0, 40_001) / min(1.0, x)
        mean = (
            (x / (x - 1.0)) * (np.exp(-times) - np.exp(-x * times)) if abs(x - 1.0) > 1e-6 else times * np.exp(-times)
        )
        assert value == pytest.approx(0.25 + 0.75 * float(mean.max()), abs=1e-5)


def test_deterministic_delivery_passes_one_half_where_the_paper_says() -> None:
    assert best_deterministic_fidelity(0.82) < 0.5 < best_deterministic_fidelity(0.84)
    assert best_deterministic_fidelity(1.0) == pytest.approx(0.25 + 0.75 / math.e, abs=1e-9)


# Refusals


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Arm(1.2), "efficiency 1.2"),
        (lambda: Arm(0.5, double_excitation=-0.1), "double_excitation"),
        (lambda: Station(1.1), "visibility 1.1"),
        (lambda: Station(phase_rms_rad=-1.0), "phase_rms_rad"),
        (lambda: Station(phase_rms_rad=math.nan), "phase_rms_rad"),
        (lambda: single_click(Arm(0.1), Arm(0.1), 1.5, 0.1), "bright_a"),
        (lambda: single_click(Arm(0.1), Arm(0.1), 0.0, 0.0), "no click ever"),
        (lambda: double_click(Arm(0.0), Arm(0.1)), "no click ever"),
        (lambda: double_click(Arm(0.1), Arm(0.1), gap_s=-1.0), "gap_s"),
        (lambda: double_click(Arm(0.1), Arm(0.1), preparation_s=0.0), "takes time"),
        (lambda: polarisation_click(Arm(0.1), Arm(0.1), np.eye(2) / 2, bell_state(0)), "qubit and a photon"),
        (lambda: polarisation_click(Arm(0.1), Arm(0.1), np.eye(4), bell_state(0)), "trace"),
        (lambda: best_deterministic_fidelity(-1.0), "not negative"),
        (lambda: expected_rounds(0.0, 2), "never ends"),
        (lambda: expected_rounds(0.1, 0), "at least one"),
    ],
)
def test_refusals(make: Callable[[], object], words: str) -> None:
    with pytest.raises(PhysicsError, match=words):
        make()
