"""The state of a link: what a photon meets, at one time and at many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from qcisim.errors import require
from qcisim.optics.source import Floats
from qcisim.quantum import Channel, Matrix
from qcisim.units import transmittance_from_db

Terms = tuple[tuple[str, float], ...]
ArrayTerms = tuple[tuple[str, Floats], ...]


@dataclass(frozen=True, slots=True, eq=False)
class LinkState:
    """A link at one time: loss and noise by name, and what happens to the qubit of a photon that arrives.

    Args:
        t_s: time since the start of the run.
        losses_db: (name, dB) from Alice's output to the click, detector efficiency included. Where the link fades they
            are those of the mean transmittance.
        channel: of the encoded qubit, given that the photon arrives. Loss is not in it.
        noise_per_gate: (name, mean counts per gate and detector).
        delay_s: one-way, at the group velocity.
        neighbour_share: share of a pulse's light that falls into the gates of other rounds, relative to its own
            gate's share.
        range_km, elevation_deg: of the satellite above the station; None where there is none.
    """

    t_s: float
    losses_db: Terms
    channel: Channel
    noise_per_gate: Terms
    delay_s: float
    neighbour_share: float = 0.0
    range_km: float | None = None
    elevation_deg: float | None = None

    def __post_init__(self) -> None:
        for name, loss_db in self.losses_db:
            require(loss_db >= 0.0, f"{name} {loss_db:g} dB: a passive link cannot amplify (transmittance above 1)")
        for name, mean in self.noise_per_gate:
            require(mean >= 0.0 and math.isfinite(mean), f"noise {name} {mean:g}: a mean count is not negative")
        require(self.channel.shape == (2, 2), f"channel of shape {self.channel.shape}: wanted one on a qubit")
        require(self.neighbour_share >= 0.0, f"neighbour_share {self.neighbour_share:g}: not negative")
        if self.range_km is not None:
            require(self.range_km >= 0.0, f"range_km {self.range_km:g}: a distance is not negative")
        if self.elevation_deg is not None:
            require(abs(self.elevation_deg) <= 90.0, f"elevation_deg {self.elevation_deg:g}: lies in [-90, 90]")

    @property
    def loss_db(self) -> float:
        """Sum of the named losses."""
        return math.fsum(loss_db for _, loss_db in self.losses_db)

    @property
    def transmittance(self) -> float:
        """eta = 10^(-loss/10), the product of all terms: probability that a photon of Alice clicks."""
        return transmittance_from_db(self.loss_db)

    @property
    def noise(self) -> float:
        """Mean noise counts per gate and detector, all names together."""
        return math.fsum(mean for _, mean in self.noise_per_gate)


@dataclass(frozen=True, slots=True, eq=False)
class LinkStates:
    """A link at n times, each spread over m fading nodes: the arrays of n `LinkState`.

    In time step i a share ``fading_weight[j]`` of the rounds has the transmittance
    ``transmittance[i] * fading_factor[i, j]``; ``transmittance`` is the mean, so sum_j weight_j factor_ij = 1.

    Args:
        t_s: (n,) time since the start of the run.
        losses_db: (name, (n,) dB).
        kraus: (n, k, 2, 2) operators of the channel at each time, or (1, k, 2, 2) for one that all times share.
        noise_per_gate: (name, (n,) mean counts per gate and detector).
        delay_s: (n,).
        neighbour_share: (n,).
        fading_factor: (n, m) or (1, m).
        fading_weight: (m,), sum 1.
        range_km, elevation_deg, azimuth_deg: (n,) of the satellite above the station; None where there is none.
        provenance: (loss or noise name, formula and source).
    """

    t_s: Floats
    losses_db: ArrayTerms
    kraus: Matrix
    noise_per_gate: ArrayTerms
    delay_s: Floats
    neighbour_share: Floats
    fading_factor: Floats = field(default_factory=lambda: np.ones((1, 1)))
    fading_weight: Floats = field(default_factory=lambda: np.ones(1))
    range_km: Floats | None = None
    elevation_deg: Floats | None = None
    azimuth_deg: Floats | None = None
    provenance: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        require(self.t_s.ndim == 1, f"t_s of shape {self.t_s.shape}: wanted one time per state, (n,)")
        for name, loss_db in self.losses_db:
            self._check(name, loss_db, f"{name}: a passive link cannot amplify (transmittance above 1)")
        for name, mean in self.noise_per_gate:
            self._check(name, mean, f"noise {name}: a mean count is not negative", finite=True)
        self._check("delay_s", self.delay_s, "delay_s: light does not arrive before it is sent", finite=True)
        self._check("neighbour_share", self.neighbour_share, "neighbour_share: not negative", finite=True)
        for name in ("range_km", "elevation_deg", "azimuth_deg"):
            values = getattr(self, name)
            require(values is None or values.shape == self.t_s.shape, f"{name}: wanted {len(self)} values")
        self._check_kraus()
        self._check_fading()

    def _check(self, name: str, values: Floats, message: str, *, finite: bool = False) -> None:
        require(values.shape == self.t_s.shape, f"{name} of shape {values.shape}: wanted {self.t_s.shape}")
        low = float(values.min(initial=0.0))
        high = float(values.max(initial=0.0))
        require(low >= 0.0 and (not finite or high < math.inf), f"{message} (lowest {low:g}, highest {high:g})")

    def _check_kraus(self) -> None:
        kraus, n = self.kraus, len(self)
        proper = kraus.ndim == 4 and kraus.shape[0] in (1, n) and kraus.shape[2:] == (2, 2)
        require(proper, f"Kraus operators of shape {kraus.shape}: wanted ({n} or 1, k, 2, 2), on a qubit")
        columns = kraus.reshape(len(kraus), 2 * kraus.shape[1], 2)
        for a, b, wanted in ((0, 0, 1.0), (1, 1, 1.0), (0, 1, 0.0)):
            product = (columns[..., a].conj() * columns[..., b]).sum(axis=1)
            off = float(np.abs(product - wanted).max(initial=0.0))
            require(off < 1e-10, f"Kraus operators off completeness by {off:.3g}: a channel preserves the trace")

    def _check_fading(self) -> None:
        factor, weight = self.fading_factor, self.fading_weight
        require(
            factor.ndim == 2 and factor.shape[0] in (1, len(self)) and weight.shape == factor.shape[1:],
            f"fading of shapes {factor.shape} and {weight.shape}: wanted ({len(self)} or 1, m) and (m,)",
        )
        proper = bool(np.all(weight >= 0.0)) and abs(float(weight.sum()) - 1.0) < 1e-9
        require(proper, "fading_weight: shares of the rounds, not negative, sum 1")
        require(bool(np.all(factor >= 0.0)), "fading_factor: a transmittance is not negative")
        if len(self):
            off = float(np.abs(factor @ weight - 1.0).max())
            require(off < 1e-6, f"fading_factor: mean off one by {off:.3g}; the mean loss is a named term of its own")
            top = float((self.transmittance * factor.max(axis=1)).max())
            require(top <= 1.0 + 1e-9, f"fading to transmittance {top:.4g}: a passive link cannot amplify")

    def __len__(self) -> int:
        return len(self.t_s)

    def __getitem__(self, index: int) -> LinkState:
        """State ``index``; its losses are those of the mean transmittance."""
        return LinkState(
            float(self.t_s[index]),
            tuple((name, float(loss_db[index])) for name, loss_db in self.losses_db),
            Channel(self.kraus[index if len(self.kraus) > 1 else 0]),
            tuple((name, float(mean[index])) for name, mean in self.noise_per_gate),
            float(self.delay_s[index]),
            float(self.neighbour_share[index]),
            None if self.range_km is None else float(self.range_km[index]),
            None if self.elevation_deg is None else float(self.elevation_deg[index]),
        )

    @classmethod
    def of(cls, states: Sequence[LinkState]) -> LinkStates:
        """States with the same names of losses and noise, as arrays; no fading."""
        first = states[0]
        same = all(_names(state) == _names(first) for state in states)
        require(same, "link states whose losses or noise have different names")
        most = max(len(state.channel.kraus) for state in states)
        kraus = np.zeros((len(states), most, 2, 2), dtype=np.complex128)
        for row, state in zip(kraus, states, strict=True):
            row[: len(state.channel.kraus)] = state.channel.kraus

        def column(values: Sequence[float]) -> Floats:
            return np.array(values, dtype=np.float64)

        ranges = [state.range_km for state in states if state.range_km is not None]
        elevations = [state.elevation_deg for state in states if state.elevation_deg is not None]
        return cls(
            column([state.t_s for state in states]),
            _columns([state.losses_db for state in states]),
            kraus,
            _columns([state.noise_per_gate for state in states]),
            column([state.delay_s for state in states]),
            column([state.neighbour_share for state in states]),
            range_km=column(ranges) if len(ranges) == len(states) else None,
            elevation_deg=column(elevations) if len(elevations) == len(states) else None,
        )

    @property
    def nodes(self) -> int:
        """Fading nodes m."""
        return len(self.fading_weight)

    @property
    def loss_db(self) -> Floats:
        """Sum of the named losses, (n,)."""
        return _total(self.losses_db, len(self))

    @property
    def transmittance(self) -> Floats:
        """eta = 10^(-loss/10), the product of all terms, mean over the fading, (n,)."""
        eta: Floats = 10.0 ** (-self.loss_db / 10.0)
        return eta

    @property
    def noise(self) -> Floats:
        """Mean noise counts per gate and detector, all names together, (n,)."""
        return _total(self.noise_per_gate, len(self))


def _names(state: LinkState) -> list[str]:
    return [name for name, _ in state.losses_db] + [""] + [name for name, _ in state.noise_per_gate]


def _columns(rows: Sequence[Terms]) -> ArrayTerms:
    """[(name, value) per term] per state -> (name, values) per term."""
    return tuple(
        (name, np.array([row[term][1] for row in rows], dtype=np.float64)) for term, (name, _) in enumerate(rows[0])
    )


def _total(terms: ArrayTerms, length: int) -> Floats:
    total = np.zeros(length)
    for _, values in terms:
        total = total + values
    return total
