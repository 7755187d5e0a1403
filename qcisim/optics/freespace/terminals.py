"""What stands at the two ends of a free-space link, and the air and the sky between and around them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qcisim.errors import did_you_mean, require
from qcisim.optics.freespace.arrays import Floats, Real, floats, frozen
from qcisim.optics.freespace.background import SKIES
from qcisim.optics.freespace.beam import MeasuredBeam
from qcisim.optics.freespace.extinction import AIRMASS, TransmittanceTable
from qcisim.optics.freespace.profile import HufnagelValley, Profile

BEAMS = ("truncated", "gaussian", "flat", "measured")
FADINGS = ("log_normal", "gamma_gamma", "weibull", "elliptic", "none")
BEST_WAIST = 0.89
"""Waist over aperture radius with most light on the axis far away: Klein and Degnan, Appl. Opt. 13, 2134 (1974)."""


@dataclass(frozen=True, slots=True)
class Transmitter:
    """The telescope that sends.

    Args:
        aperture_m: diameter.
        beam: "truncated" (a Gaussian that the aperture clips), "gaussian" (unclipped), "flat" (a spot of even
            brightness) or "measured".
        waist_m: 1/e^2 radius in the aperture; of a truncated beam 0.89 of the aperture's radius where nothing is said.
        divergence_full_rad: full angle, at 1/e^2 of a Gaussian; in place of ``waist_m``.
        efficiency: of the optics.
        jitter_rad: pointing error, rms per axis, Gaussian.
        obstruction: central obscuration of a truncated beam as a share of the diameter.
        far_field: of a measured beam.
        adaptive_modes: Noll modes by which an up-link is corrected beforehand; 1 = none, 3 = tip and tilt.
    """

    aperture_m: float
    beam: str = "truncated"
    waist_m: float | None = None
    divergence_full_rad: float | None = None
    efficiency: float = 1.0
    jitter_rad: float = 0.0
    obstruction: float = 0.0
    far_field: MeasuredBeam | None = None
    adaptive_modes: int = 1

    def __post_init__(self) -> None:
        _aperture(self.aperture_m, self.obstruction)
        _named("beam", self.beam, BEAMS)
        require(0.0 < self.efficiency <= 1.0, f"efficiency {self.efficiency:g}: passive optics cannot amplify")
        require(0.0 <= self.jitter_rad <= 0.01, f"jitter_rad {self.jitter_rad:g}: wanted 0 to 0.01 rad")
        _modes(self.adaptive_modes)
        for name in ("waist_m", "divergence_full_rad"):
            value = getattr(self, name)
            require(value is None or 0.0 < value < math.inf, f"{name} {value}: wanted above 0")
        angle = self.divergence_full_rad
        require(angle is None or angle <= 0.1, f"divergence_full_rad {angle}: wanted up to 0.1, a full angle in rad")
        self._one_description()

    def _one_description(self) -> None:
        waist, angle = self.waist_m is not None, self.divergence_full_rad is not None
        if self.beam == "truncated":
            require(not angle, "divergence_full_rad of a truncated beam: it follows from aperture_m and waist_m")
        elif self.beam == "gaussian":
            require(waist != angle, "gaussian beam: wanted either waist_m or divergence_full_rad")
        elif self.beam == "flat":
            require(angle and not waist, "flat beam: wanted divergence_full_rad and no waist_m")
        else:
            require(not (waist or angle), "measured beam: waist_m and divergence_full_rad are in its far field")
        has = self.far_field is not None
        require(has == (self.beam == "measured"), f"far_field {'of' if has else 'missing for'} a {self.beam} beam")

    @property
    def waist(self) -> float:
        """1/e^2 radius in the aperture of a truncated or Gaussian beam, m."""
        return self.waist_m if self.waist_m is not None else BEST_WAIST * self.aperture_m / 2.0


@dataclass(frozen=True, slots=True)
class Telescope:
    """The telescope that receives.

    Args:
        aperture_m: diameter.
        obstruction: diameter of the central obscuration over that of the aperture.
        efficiency: of its optics, up to the receiver's.
        field_of_view_full_rad: full angle that reaches free-space detectors; a fibre sees one mode instead.
        fibre_coupled: whether the light goes into a single-mode fibre.
        adaptive_modes: Noll modes that are corrected before the fibre; 1 = piston only, no correction; 3 = tip-tilt.
    """

    aperture_m: float
    obstruction: float = 0.0
    efficiency: float = 1.0
    field_of_view_full_rad: float = 1e-4
    fibre_coupled: bool = False
    adaptive_modes: int = 1

    def __post_init__(self) -> None:
        _aperture(self.aperture_m, self.obstruction)
        require(0.0 < self.efficiency <= 1.0, f"efficiency {self.efficiency:g}: passive optics cannot amplify")
        view = self.field_of_view_full_rad
        require(
            0.0 < view <= 0.1, f"field_of_view_full_rad {view:g}: wanted above 0 and up to 0.1, a full angle in rad"
        )
        _modes(self.adaptive_modes)


@dataclass(frozen=True, slots=True)
class Atmosphere:
    """The air above the station.

    Args:
        zenith_transmittance: of clear air at the quantum wavelength.
        airmass: "secant" or "kasten_young".
        profile: turbulence against the height; None for none.
        fading: law of the fading: "log_normal", "gamma_gamma", "weibull", "elliptic" or "none".
        fading_nodes: values that stand for the law in averages.
        transmittance_table: extinction by elevation as the user knows it, in place of the first two.
    """

    zenith_transmittance: float = 0.8
    airmass: str = "secant"
    profile: Profile | None = HufnagelValley()
    fading: str = "log_normal"
    fading_nodes: int = 8
    transmittance_table: TransmittanceTable | None = None

    def __post_init__(self) -> None:
        zenith = self.zenith_transmittance
        require(0.0 < zenith <= 1.0, f"zenith_transmittance {zenith:g}: lies in (0, 1], air cannot amplify")
        _named("airmass", self.airmass, tuple(AIRMASS))
        _named("fading", self.fading, FADINGS)
        require(1 <= self.fading_nodes <= 64, f"fading_nodes {self.fading_nodes}: wanted 1 to 64")


@dataclass(frozen=True, slots=True)
class Sky:
    """Background light, by the elevation of the sun at the station.

    Args:
        night_radiance_w_per_m2_um_sr: moonless night.
        day_radiance_w_per_m2_um_sr: clear day, sun at 60 deg.
        moon_radiance_w_per_m2_um_sr: moonlight on top of the night.

    The defaults are those of Miao et al., New J. Phys. 7, 215 (2005); published nights differ by ten.
    """

    night_radiance_w_per_m2_um_sr: float = SKIES["miao2005"].night
    day_radiance_w_per_m2_um_sr: float = SKIES["miao2005"].day
    moon_radiance_w_per_m2_um_sr: float = 0.0

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            require(0.0 <= value <= 1e4, f"{name} {value:g}: wanted 0 to 1e4 W/(m2 um sr)")


@dataclass(frozen=True, slots=True, eq=False)
class LossTable:
    """Loss of a link by its range as it was measured, everything from the transmitter to the telescope in it.

    Args:
        range_km: (k,), rising.
        loss_excl_detector_db: (k,), detector efficiency excluded.
        source: where it comes from.

    Linear in dB between the rows; beyond them the spot grows with the range, 20 log10(L/L_edge).
    """

    range_km: Floats
    loss_excl_detector_db: Floats
    source: str = ""

    def __post_init__(self) -> None:
        rows, loss = np.asarray(self.range_km, np.float64), np.asarray(self.loss_excl_detector_db, np.float64)
        require(rows.ndim == 1 and rows.shape == loss.shape, "loss table: wanted two columns of equal length")
        require(rows.size >= 1, "loss table: wanted one row or more")
        rising = bool(np.all(np.diff(rows) > 0.0)) and bool(np.all((rows > 0.0) & (rows < math.inf)))
        require(rising, "loss table: ranges are above 0 and rise from row to row")
        proper = bool(np.all((loss >= 0.0) & (loss < math.inf)))
        require(proper, "loss table: losses are not negative, a passive link cannot amplify")
        object.__setattr__(self, "range_km", frozen(rows))
        object.__setattr__(self, "loss_excl_detector_db", frozen(loss))

    @classmethod
    def of(cls, table: LossTable | Sequence[Sequence[float]] | None) -> LossTable | None:
        """From two columns, ranges and losses."""
        if table is None or isinstance(table, LossTable):
            return table
        require(len(table) == 2, f"loss table of {len(table)} columns: wanted ranges and losses")
        return cls(np.asarray(table[0], np.float64), np.asarray(table[1], np.float64))

    def loss_db(self, range_km: Real) -> Floats:
        """Loss at these ranges, (n,), not below 0."""
        length = floats(range_km, "range_km", low=0.0)
        inside = np.clip(length, self.range_km[0], self.range_km[-1])
        known = np.interp(inside, self.range_km, self.loss_excl_detector_db)
        with np.errstate(divide="ignore"):
            loss: Floats = known + 20.0 * np.log10(length / inside)
        return np.maximum(0.0, loss)


def _aperture(aperture_m: float, obstruction: float) -> None:
    require(0.0 < aperture_m <= 100.0, f"aperture_m {aperture_m:g}: a diameter above 0 and up to 100 m")
    require(0.0 <= obstruction < 1.0, f"obstruction {obstruction:g}: a share of the diameter, in [0, 1)")


def _named(what: str, name: str, known: tuple[str, ...]) -> None:
    require(name in known, f"{what} '{name}' ({did_you_mean(name, known) or 'known: ' + ', '.join(known)})")


def _modes(modes: int) -> None:
    require(modes >= 1 and modes == int(modes), f"adaptive_modes {modes}: a count from 1 (piston, no correction)")
