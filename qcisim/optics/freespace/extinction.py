"""Extinction: how much the clear or hazy air takes away, by elevation or by visibility."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qcisim.errors import did_you_mean, require
from qcisim.optics.freespace.arrays import Floats, Real, floats, frozen, positive

_DB_PER_NEPER = 10.0 / math.log(10.0)  # 4.343


def airmass_secant(elevation_deg: Real) -> Floats:
    """X = 1/sin e, plane-parallel air; infinite at and below the horizon."""
    e = _elevation(elevation_deg)
    sine = np.sin(np.radians(np.maximum(e, 0.0)))
    with np.errstate(divide="ignore"):
        airmass: Floats = np.where(e > 0.0, 1.0 / sine, math.inf)
    return airmass


def airmass_kasten_young(elevation_deg: Real) -> Floats:
    """X = 1/(sin e + 0.50572 (e + 6.07995)^(-1.6364)), e in degrees; infinite below the horizon.

    Round Earth and refraction of the standard atmosphere; 38 air masses at the horizon, 0.9997 at the zenith.

    Source: Kasten and Young, Appl. Opt. 28, 4735 (1989), Eq. (3).
    """
    e = _elevation(elevation_deg)
    up = np.maximum(e, 0.0)
    airmass = 1.0 / (np.sin(np.radians(up)) + 0.50572 * (up + 6.07995) ** -1.6364)  # Eq. (3)
    return np.where(e >= 0.0, airmass, math.inf)


AIRMASS: dict[str, Callable[[Real], Floats]] = {"secant": airmass_secant, "kasten_young": airmass_kasten_young}


def airmass(elevation_deg: Real, law: str = "secant") -> Floats:
    """Air masses X(e) by the law of that name."""
    hint = did_you_mean(law, AIRMASS) or f"known: {', '.join(AIRMASS)}"
    require(law in AIRMASS, f"air-mass law '{law}' ({hint})")
    return AIRMASS[law](elevation_deg)


def transmittance(zenith_transmittance: Real, elevation_deg: Real, law: str = "secant") -> Floats:
    """eta = T_zenith^X(e); 0 where the sight is blocked by the horizon.

    Args:
        zenith_transmittance: T_zenith, in (0, 1].
        elevation_deg: e, (n,), up to 90.
        law: "secant" or "kasten_young".

    Holds for wavelengths without strong absorption lines: MODTRAN obeys 1/sin e within 2 % down to 10 deg at 850 nm,
    and does not at 810 nm (water).
    """
    zenith = floats(zenith_transmittance, "zenith_transmittance", low=0.0, high=1.0, reason="air cannot amplify")
    positive(zenith, "zenith_transmittance", "no light comes through")
    x = airmass(elevation_deg, law)
    with np.errstate(invalid="ignore"):
        eta: Floats = np.where(np.isinf(x), 0.0, zenith ** np.where(np.isinf(x), 0.0, x))
    return eta


@dataclass(frozen=True, slots=True, eq=False)
class TransmittanceTable:
    """Transmittance by elevation as the user measured or computed it.

    Args:
        elevation_deg: (k,), rising, above 0 and up to 90.
        transmittance: (k,), in (0, 1].

    Between the rows ln T is linear in 1/sin e (exact for the law of Beer and Lambert); beyond them the nearest two rows
    are continued; 0 at and below the horizon.
    """

    elevation_deg: Floats
    transmittance: Floats

    def __post_init__(self) -> None:
        e, t = np.asarray(self.elevation_deg, np.float64), np.asarray(self.transmittance, np.float64)
        require(e.ndim == 1 and e.shape == t.shape, "transmittance table: wanted two columns of equal length")
        require(e.size >= 2, f"transmittance table: {e.size} row(s), wanted two or more")
        require(bool(np.all(np.diff(e) > 0.0)), "transmittance table: elevations rise from row to row")
        require(bool(e[0] > 0.0 and e[-1] <= 90.0), "transmittance table: elevations lie in (0, 90] deg")
        require(bool(np.all((t > 0.0) & (t <= 1.0))), "transmittance table: transmittances lie in (0, 1]")
        object.__setattr__(self, "elevation_deg", frozen(e))
        object.__setattr__(self, "transmittance", frozen(t))

    def __call__(self, elevation_deg: Real) -> Floats:
        """eta(e), (n,)."""
        e = _elevation(elevation_deg)
        x = airmass_secant(np.maximum(e, 1e-3))
        knots, depth = airmass_secant(self.elevation_deg)[::-1], -np.log(self.transmittance)[::-1]
        row = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, knots.size - 2)
        slope = (depth[row + 1] - depth[row]) / (knots[row + 1] - knots[row])
        tau = np.maximum(0.0, depth[row] + slope * (x - knots[row]))
        eta: Floats = np.where(e > 0.0, np.exp(-tau), 0.0)
        return eta


def kruse_exponent(visibility_km: Real) -> Floats:
    """q = 1.6 (V >= 50 km), 1.3 (6 to 50 km), 0.585 V^(1/3) below.

    Source: Kruse, McGlauchlin, McQuistan, Elements of Infrared Technology (1962), as in ITU-R P.1814 (2007), Eq. (4).
    """
    v = positive(visibility_km, "visibility_km")
    return np.where(v >= 50.0, 1.6, np.where(v >= 6.0, 1.3, 0.585 * np.cbrt(v)))


def kim_exponent(visibility_km: Real) -> Floats:
    """q = 1.6 (V >= 50 km), 1.3 (6 to 50), 0.16 V + 0.34 (1 to 6), V - 0.5 (0.5 to 1), 0 below: fog has no colour.

    Source: Kim, McArthur, Korevaar, Proc. SPIE 4214, 26 (2001), Eq. (9).
    """
    v = positive(visibility_km, "visibility_km")
    haze = np.where(v >= 1.0, 0.16 * v + 0.34, np.where(v >= 0.5, v - 0.5, 0.0))
    return np.where(v >= 50.0, 1.6, np.where(v >= 6.0, 1.3, haze))


VISIBILITY: dict[str, Callable[[Real], Floats]] = {"kruse": kruse_exponent, "kim": kim_exponent}


def visibility_attenuation_db_per_km(visibility_km: Real, wavelength_nm: Real, law: str = "kim") -> Floats:
    """alpha = 4.343 (3.91/V) (lambda/550 nm)^(-q) dB/km.

    Args:
        visibility_km: V, meteorological range at 2 % contrast.
        wavelength_nm: lambda.
        law: "kruse" or "kim", which differ in q below 6 km.

    ITU-R P.1814 Eq. (4) prints (3.91/V)(lambda/550 nm)^(-q) with the unit dB/km; the number is nepers per km, hence
    the factor 4.343, and Kim's Table 2 (14 dB/km at 1 km and 785 nm) agrees.
    """
    hint = did_you_mean(law, VISIBILITY) or f"known: {', '.join(VISIBILITY)}"
    require(law in VISIBILITY, f"visibility law '{law}' ({hint})")
    v = positive(visibility_km, "visibility_km")
    colour = positive(wavelength_nm, "wavelength_nm") / 550.0
    attenuation: Floats = _DB_PER_NEPER * 3.91 / v * colour ** -VISIBILITY[law](v)
    return attenuation


def _elevation(elevation_deg: Real) -> Floats:
    return floats(
        elevation_deg, "elevation_deg", low=-90.0, high=90.0, reason="wanted -90 to 90, nothing stands above the zenith"
    )
