"""What every link must hold, whatever its medium."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from qcisim.optics import LinkState, Receiver, SinglePhotonSource, WeakCoherentSource, click_table

INTENSITIES = (0.5, 0.1, 0.0)


class LinkLike(Protocol):
    """One verb: the state of the link at a time."""

    def at(self, t_s: float = 0.0) -> LinkState:
        """The state at ``t_s``."""


def check_link(link: LinkLike, receiver: Receiver, *, times_s: Sequence[float] = (0.0, 1.0, 60.0)) -> None:
    """Assert the laws of a link at these times: causal, passive, trace-preserving, and honest clicks behind it.

    0 <= eta <= 1 and eta is the product of its named losses, each name once; noise >= 0; the qubit channel preserves
    the trace and positivity; the delay is not negative; asking twice gives the same state; rows of the click table
    sum to at most 1; brighter pulses click more often; empty pulses err half of the time; a single photon clicks with
    eta and noise alone. Raises `AssertionError` with the law that is broken.
    """
    for t_s in times_s:
        state, again = link.at(t_s), link.at(t_s)
        here = f"at {t_s:g} s"
        assert state.t_s == t_s, f"{here}: the state is that of {state.t_s:g} s"
        assert state.losses_db == again.losses_db, f"{here}: asking twice gives other losses"
        assert np.array_equal(state.channel.superop, again.channel.superop), (
            f"{here}: asking twice gives another channel"
        )
        _losses(state, here)
        _channel(state, here)
        _clicks(state, receiver, here)


def _losses(state: LinkState, here: str) -> None:
    twice = [name for name, count in Counter(name for name, _ in state.losses_db).items() if count > 1]
    assert not twice, f"{here}: loss terms named twice: {', '.join(twice)}"
    product = math.prod(10.0 ** (-loss_db / 10.0) for _, loss_db in state.losses_db)
    assert abs(product - state.transmittance) <= 1e-12 * product, (
        f"{here}: transmittance is not the product of its terms"
    )
    assert 0.0 <= state.transmittance <= 1.0, (
        f"{here}: transmittance {state.transmittance}: a passive link cannot amplify"
    )
    assert all(mean >= 0.0 for _, mean in state.noise_per_gate), f"{here}: negative noise"
    assert state.delay_s >= 0.0, f"{here}: light arrives before it is sent"


def _channel(state: LinkState, here: str) -> None:
    kraus = state.channel.kraus
    assert np.allclose(np.einsum("kij,kil->jl", kraus.conj(), kraus), np.eye(2), atol=1e-10), f"{here}: trace not kept"
    assert np.linalg.eigvalsh(state.channel.choi)[0] >= -1e-10, f"{here}: the channel is not completely positive"


def _clicks(state: LinkState, receiver: Receiver, here: str) -> None:
    pulses = click_table(WeakCoherentSource(INTENSITIES, (0.5, 0.3, 0.2), 1e6, 0.5), state, receiver)
    sums = pulses.probability.sum(axis=-1)
    assert np.all(pulses.probability >= 0.0), f"{here}: a negative probability"
    assert np.all(sums <= 1.0 + 1e-12), f"{here}: probabilities of a round sum to more than 1"
    gain, error = pulses.gain, pulses.error_gain
    assert np.all(np.diff(gain, axis=0) <= 1e-15), f"{here}: a weaker pulse clicks more often"
    assert np.allclose(error[2], gain[2] / 2.0, rtol=1e-9, atol=1e-18), (
        f"{here}: empty pulses do not err half of the time"
    )
    photon = click_table(SinglePhotonSource(), state, receiver).gain
    noise = -math.expm1(-2.0 * math.fsum(mean for _, mean in pulses.noise_per_gate))
    assert np.all(photon <= state.transmittance + noise + 1e-12), f"{here}: a photon clicks more often than it arrives"
