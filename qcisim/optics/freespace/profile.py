"""Profiles of the air above a station: strength of the turbulence, and wind, against the height."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from qcisim.errors import require
from qcisim.optics.freespace.arrays import Floats, Real, floats, frozen, legendre, positive

# Panels of the height integrals (m above their foot); beyond 40 km Hufnagel-Valley holds less than 1e-8 of any moment.
_PANELS_M = (0.0, 25.0, 100.0, 300.0, 1e3, 3e3, 6e3, 1e4, 1.5e4, 2.2e4, 4e4, 8e4)


class Profile(Protocol):
    """Structure constant of the refractive index against the height."""

    def cn2(self, height_m: Floats) -> Floats:
        """Cn^2 in m^(-2/3) at ``height_m``."""
        ...


@dataclass(frozen=True, slots=True)
class HufnagelValley:
    """Cn2(h) = 0.00594 (v/27)^2 (1e-5 h)^10 e^(-h/1000) + 2.7e-16 e^(-h/1500) + A e^(-(h - h_g)/100).

    Args:
        rms_wind_m_per_s: v, wind averaged over 5 to 20 km; 21 with A = 1.7e-14 is "HV 5/7".
        ground_cn2: A, m^(-2/3).
        ground_altitude_m: h_g, height from which the ground layer counts; 0 is the printed profile, the altitude of a
            mountain station keeps its ground layer.

    Source: Valley, Appl. Opt. 19, 574 (1980); ITU-R P.1621-2 (2015).
    """

    rms_wind_m_per_s: float = 21.0
    ground_cn2: float = 1.7e-14
    ground_altitude_m: float = 0.0

    def __post_init__(self) -> None:
        for name, highest in (("rms_wind_m_per_s", 200.0), ("ground_cn2", 1e-10), ("ground_altitude_m", 9e3)):
            floats(getattr(self, name), name, low=0.0, high=highest)

    def cn2(self, height_m: Floats) -> Floats:
        """Cn^2 in m^(-2/3) at ``height_m``, the scale of h above."""
        h = np.asarray(height_m, dtype=np.float64)
        wind = 0.00594 * (self.rms_wind_m_per_s / 27.0) ** 2 * (1e-5 * h) ** 10 * np.exp(-h / 1000.0)
        ground = self.ground_cn2 * np.exp(-(h - self.ground_altitude_m) / 100.0)
        value: Floats = wind + 2.7e-16 * np.exp(-h / 1500.0) + ground
        return value


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredProfile:
    """Cn^2 as the user measured it: log Cn^2 linear in the height, constant below the first row, none above the last.

    Args:
        height_m: (k,), rising.
        cn2_table: (k,), above 0, m^(-2/3).
    """

    height_m: Floats
    cn2_table: Floats

    def __post_init__(self) -> None:
        h, c = np.asarray(self.height_m, np.float64), np.asarray(self.cn2_table, np.float64)
        require(h.ndim == 1 and h.shape == c.shape and h.size >= 2, "turbulence profile: two columns, two rows or more")
        require(bool(np.all(np.diff(h) > 0.0)), "turbulence profile: heights rise from row to row")
        require(bool(np.all((c > 0.0) & (c < 1e-10))), "turbulence profile: Cn2 lies above 0 and below 1e-10 m^(-2/3)")
        object.__setattr__(self, "height_m", frozen(h))
        object.__setattr__(self, "cn2_table", frozen(c))

    def cn2(self, height_m: Floats) -> Floats:
        """Cn^2 in m^(-2/3) at ``height_m``."""
        value: Floats = np.exp(np.interp(height_m, self.height_m, np.log(self.cn2_table)))
        return np.where(np.asarray(height_m) > self.height_m[-1], 0.0, value)


@dataclass(frozen=True, slots=True)
class BuftonWind:
    """v(h) = v_g + 30 exp(-((h - 9400)/4800)^2), m/s.

    Args:
        ground_wind_m_per_s: v_g.

    Source: Bufton, Appl. Opt. 12, 1785 (1973); Andrews and Phillips, Laser Beam Propagation (2005), chapter 12.
    """

    ground_wind_m_per_s: float = 5.0

    def __post_init__(self) -> None:
        floats(self.ground_wind_m_per_s, "ground_wind_m_per_s", low=0.0, high=100.0)

    def speed_m_per_s(self, height_m: Floats) -> Floats:
        """v(h)."""
        speed: Floats = self.ground_wind_m_per_s + 30.0 * np.exp(-(((np.asarray(height_m) - 9400.0) / 4800.0) ** 2))
        return speed


def rms_wind_m_per_s(ground_wind_m_per_s: Real) -> Floats:
    """v = sqrt(v_g^2 + 33.11 v_g + 360.31): wind of the Hufnagel-Valley profile from the wind at the ground.

    Source: ITU-R P.1621-2 (2015), Eq. (5).
    """
    ground = floats(ground_wind_m_per_s, "ground_wind_m_per_s", low=0.0, high=100.0)
    rms: Floats = np.sqrt(ground**2 + 33.11 * ground + 360.31)  # Eq. (5)
    return rms


@functools.lru_cache(maxsize=1)
def heights() -> tuple[Floats, Floats]:
    """Heights above the foot of the path (k,) and weights (k,) in metres: composite Gauss-Legendre."""
    x, w = legendre(20)
    edges = np.array(_PANELS_M)
    width = np.diff(edges)
    return (edges[:-1, None] + width[:, None] * x).ravel(), (width[:, None] * w).ravel()


def moment(profile: Profile, power: float, base_m: float = 0.0, top_m: float = float("inf")) -> float:
    """int_{h0}^{H} Cn2(h) (h - h0)^p dh, m^(p + 1/3).

    Args:
        profile: Cn2(h).
        power: p.
        base_m: h0, height of the station on the profile's scale.
        top_m: H; the air that counts ends at 80 km.
    """
    floats(base_m, "base_m", low=0.0, high=9e3, reason="a station stands at 0 to 9000 m")
    positive(top_m - base_m if top_m < float("inf") else 1.0, "top_m - base_m", "the path leads upwards")
    x, w = heights()
    cut = np.where(x <= top_m - base_m, w, 0.0)
    return float((cut * profile.cn2(base_m + x)) @ x**power)
