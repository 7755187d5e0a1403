"""How often it is cloudy: a station's monthly cloud fraction, by the user's table or by a coarse default."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from qcisim.errors import require
from qcisim.optics.source import Floats

MONTHS = 12
DEFAULT_STATUS: Literal["illustrative"] = "illustrative"
DEFAULT_SOURCE = (
    "coarse climatology of land by latitude, this program's own numbers, drawn to agree with published means: land "
    "55 % (King et al., IEEE Trans. Geosci. Remote Sens. 51, 3826 (2013), MODIS), European land 60 % (Copernicus, "
    "European State of the Climate 2022, CLARA-A2.1), Iberia 35 to 65 % with its minimum in summer (Calbó and "
    "Sanchez-Lorenzo, Theor. Appl. Climatol. 96, 105 (2009)); good to about 0.1, worse on mountains, coasts and in "
    "deserts"
)
# |latitude| deg: mean over the year, and half the difference of mid-winter and mid-summer (negative: cloudier summers)
_ZONES = (
    (0.0, 0.66, 0.00),
    (10.0, 0.60, -0.10),
    (20.0, 0.42, -0.08),
    (28.0, 0.36, 0.03),
    (35.0, 0.43, 0.16),
    (40.0, 0.50, 0.17),
    (45.0, 0.59, 0.12),
    (50.0, 0.66, 0.09),
    (60.0, 0.70, 0.06),
    (70.0, 0.69, -0.03),
    (90.0, 0.70, -0.20),
)


def monthly_fraction(table: ArrayLike) -> Floats:
    """A cloud fraction per month, January first, shape (12,), from twelve numbers or from one for the whole year.

    Raises `PhysicsError` for another count and for numbers outside [0, 1] (a fraction, not percent).
    """
    values = np.asarray(table, dtype=np.float64)
    require(
        values.shape in ((), (1,), (MONTHS,)),
        f"cloud fraction: wanted one number or twelve, January first, got {values.size}",
    )
    for value in values.ravel().tolist():
        require(0.0 <= value <= 1.0, f"cloud fraction {value:g}: a fraction lies in [0, 1]; 65 % is 0.65")
    return np.array(np.broadcast_to(values, (MONTHS,)))


def default_fraction(lat_deg: float) -> Floats:
    """The default cloud fraction of land at a latitude, per month, shape (12,): illustrative, see `DEFAULT_SOURCE`.

        q(month) = m(|lat|) +- a(|lat|) cos(2 pi (month - 1)/12),   + in the north, - in the south,

    m and a linear between the latitudes of a small table. It knows nothing of longitude, height or sea: give a table
    of the place wherever the answer matters.
    """
    require(math.isfinite(lat_deg) and abs(lat_deg) <= 90.0, f"latitude {lat_deg}: lies in [-90, 90] degrees")
    lat, mean, half = (np.array(column) for column in zip(*_ZONES, strict=True))
    season = np.cos(2.0 * np.pi * np.arange(MONTHS) / MONTHS) * (1.0 if lat_deg >= 0.0 else -1.0)
    fraction: Floats = np.interp(abs(lat_deg), lat, mean) + np.interp(abs(lat_deg), lat, half) * season
    return fraction


def slant_clear(clear_zenith: ArrayLike, elevation_deg: ArrayLike, aspect_ratio: float) -> Floats:
    """Probability of a cloud-free line of sight at an elevation, from that at the zenith.

        P(e) = P(90 deg)^g,   g = 1 + (4/pi) (H/D) cot e:

    upright cylinders of height H and diameter D, thrown at random (a Poisson process), block a line of sight where
    their shadow of area pi D^2/4 + D H cot e lies on its foot; g is the growth of that area. ``aspect_ratio``: H/D; 0
    is flat clouds, without dependence on elevation. Low stratus is nearly 0, fair-weather cumulus up to 1. One aspect
    ratio does not hold the whole dependence of real skies on elevation and cloud type.

    Source: R. J. Kauth and J. L. Penquine, J. Appl. Meteorol. 6, 1005 (1967) (clear lines through randomly placed
    clouds); the area of the shadow is elementary geometry. Measured tables by cloud type: I. A. Lund and M. D.
    Shanklin, J. Appl. Meteorol. 12, 28 (1973).
    """
    require(aspect_ratio >= 0.0 and math.isfinite(aspect_ratio), f"cloud aspect ratio {aspect_ratio}: not below 0")
    elevation = np.asarray(elevation_deg, dtype=np.float64)
    require(
        bool(np.all((elevation > 0.0) & (elevation <= 90.0))),
        "elevation: a line of sight through clouds points above the horizon, up to 90 deg",
    )
    growth = 1.0 + 4.0 / np.pi * aspect_ratio / np.tan(np.deg2rad(elevation))
    clear: Floats = np.asarray(clear_zenith, dtype=np.float64) ** growth
    return clear
