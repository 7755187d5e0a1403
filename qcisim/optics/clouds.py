"""CloudField: which stations are under clouds, together and in time. A cloud cuts a pass; it does not scale its key."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from qcisim.errors import require
from qcisim.optics.cloud_climate import MONTHS, slant_clear
from qcisim.optics.cloud_copula import (
    correlation_bounds,
    correlation_root,
    latent_correlation,
    nearest_correlation,
)
from qcisim.optics.source import Floats
from qcisim.units import EARTH_MEAN_RADIUS_KM

Booleans = NDArray[np.bool_]
_BELOW_ONE = float(np.nextafter(1.0, 0.0))
_LATENT_PER_CLOUD_TIME = -1.0 / math.log(math.sin(math.pi / (2.0 * math.e)))  # 1.65, see CloudField


@dataclass(frozen=True, slots=True, eq=False)
class CloudField:
    """Clouds over several stations: yes or no, with the probabilities of a table, correlated in space and time.

    Station i is cloudy at time t where Phi(z_i(t)) < q_i(month), z a Gaussian field of variance one, so P(cloudy) is
    exactly the table's q. In space, two stations at distance d have the cloud correlation

        rho = exp(-d/L_d),

    or the greatest that their two cloud fractions allow, if that is less (see `limits`); the correlation of their z is
    the one that gives this rho (bivariate normal law). In time z is an Ornstein-Uhlenbeck process, drawn exactly on any
    grid; its time constant is chosen so that the clouds of a fraction of one half have the autocorrelation 1/e after
    ``correlation_time_h`` (at other fractions it is a little less). Three and more stations follow the Gaussian copula:
    an assumption, because correlations of pairs do not settle it.

    ``lat_deg``, ``lon_deg``: shape (sites,); ``fraction``: q, shape (sites, 12), January first, the zenith's;
    ``correlation_length_km``: L_d, 0 for independent stations; ``correlation_time_h``: 0 for independent times;
    ``cloud_aspect_ratio``: height over width of a cloud for slant lines of sight (`slant_clear`), 0 for none. The
    defaults of length and time are illustrative.

    Source: exponential correlation in space and time with half-lives of 5 to 40 h: P. A. Jones, J. Appl. Meteorol. 31,
    732 (1992); latent Gaussian for correlated yes-or-no variables: L. J. Emrich and M. R. Piedmonte, Am. Stat. 45, 302
    (1991).
    """

    lat_deg: Floats
    lon_deg: Floats
    fraction: Floats
    correlation_length_km: float = 300.0
    correlation_time_h: float = 12.0
    cloud_aspect_ratio: float = 0.0

    def __post_init__(self) -> None:
        for name in ("lat_deg", "lon_deg", "fraction"):
            values = np.array(getattr(self, name), dtype=np.float64)
            values.setflags(write=False)
            object.__setattr__(self, name, values)
        sites = self.lat_deg.size
        require(self.lat_deg.shape == (sites,) == self.lon_deg.shape, "one latitude and one longitude per station")
        require(
            self.fraction.shape == (sites, MONTHS),
            f"cloud fraction of shape {self.fraction.shape}: wanted a row of 12 months for each of {sites} stations",
        )
        require(bool(np.all(np.abs(self.lat_deg) <= 90.0)), "latitude: lies in [-90, 90] degrees")
        require(bool(np.all(np.abs(self.lon_deg) <= 180.0)), "longitude: lies in [-180, 180] degrees")
        require(
            bool(np.all((self.fraction >= 0.0) & (self.fraction <= 1.0))),
            "cloud fraction: a fraction lies in [0, 1]; 65 % is 0.65",
        )
        for what, value in (
            ("correlation length", self.correlation_length_km),
            ("correlation time", self.correlation_time_h),
            ("cloud aspect ratio", self.cloud_aspect_ratio),
        ):
            require(math.isfinite(value) and value >= 0.0, f"{what} {value}: wanted a number, not below 0")

    @property
    def distance_km(self) -> Floats:
        """Great circles between the stations, shape (sites, sites)."""
        lat, lon = np.deg2rad(self.lat_deg), np.deg2rad(self.lon_deg)
        h = np.sin((lat[:, None] - lat) / 2) ** 2
        h = h + np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
        distance: Floats = 2.0 * EARTH_MEAN_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(h, 1.0)))
        return distance

    @property
    def wanted_correlation(self) -> Floats:
        """rho = exp(-d/L_d) between the stations, shape (sites, sites)."""
        if self.correlation_length_km == 0.0:
            return np.eye(self.lat_deg.size)
        rho: Floats = np.exp(-self.distance_km / self.correlation_length_km)
        return rho

    def limits(self, month: int) -> tuple[str, ...]:
        """Where the wanted correlations are impossible in a month (1 to 12) and what is used instead, sentences."""
        wanted, q = self.wanted_correlation, self._month(month)
        _, high = correlation_bounds(q[:, None], q)
        certain = (q == 0.0) | (q == 1.0)
        pairs = np.argwhere(np.triu((wanted > high + 1e-12) & ~(certain[:, None] | certain), 1))
        impossible = [
            f"stations {i} and {j}: correlation {wanted[i, j]:.3f} is impossible for cloud fractions {q[i]:.2f} and "
            f"{q[j]:.2f}, which allow {high[i, j]:.3f}"
            for i, j in pairs.tolist()
        ]
        asked, used = self._asked(month), self.latent_correlation(month)
        if (change := float(np.abs(used - asked).max(initial=0.0))) > 1e-6:
            impossible.append(
                f"the pairs do not fit together in a Gaussian copula: latent correlations changed by up to {change:.3f}"
            )
        return tuple(impossible)

    def latent_correlation(self, month: int) -> Floats:
        """Correlation of z in a month (1 to 12), shape (sites, sites): made positive semidefinite where it is not."""
        return nearest_correlation(self._asked(month))

    def _asked(self, month: int) -> Floats:
        q = self._month(month)
        matrix = np.eye(q.size)
        above = np.triu_indices(q.size, 1)
        a, b = q[above[0]], q[above[1]]
        wanted = np.minimum(self.wanted_correlation[above], correlation_bounds(a, b)[1])
        matrix[above] = latent_correlation(a, b, wanted)
        symmetric: Floats = np.maximum(matrix, matrix.T)
        return symmetric

    def sample_rank(self, months: ArrayLike, t_h: ArrayLike, rng: np.random.Generator) -> Floats:
        """Phi(z), shape (sites, times), uniform in [0, 1): a station is cloudy where its rank is below its fraction.

        ``months``: 1 to 12 for each time, or one for all; ``t_h``: hours, shape (times,), not falling. Draws one normal
        number per time and station, time by time: a longer grid begins as a shorter one.
        """
        times = np.atleast_1d(np.asarray(t_h, dtype=np.float64))
        steps = np.diff(times)
        require(bool(np.all(np.isfinite(times)) and np.all(steps >= 0.0)), "t_h: times of a run do not fall")
        month = self._months(months, times.size)
        normal = rng.standard_normal((times.size, self.lat_deg.size))
        keep = np.where(steps == 0.0, 1.0, 0.0)
        if self.correlation_time_h > 0.0:
            keep = np.exp(-steps / (_LATENT_PER_CLOUD_TIME * self.correlation_time_h))
        renew = np.sqrt((1.0 - keep) * (1.0 + keep))
        for now in range(1, times.size):  # u_t = a u_(t-1) + sqrt(1 - a^2) n_t
            normal[now] = keep[now - 1] * normal[now - 1] + renew[now - 1] * normal[now]
        rank = np.empty((self.lat_deg.size, times.size))
        for number in np.unique(month).tolist():
            here = month == number
            rank[:, here] = ndtr(correlation_root(self.latent_correlation(number)) @ normal[here].T)
        return np.minimum(rank, _BELOW_ONE)

    def cloudy(self, rank: Floats, months: ArrayLike, elevation_deg: ArrayLike | None = None) -> Booleans:
        """Whether the line of sight at ``elevation_deg`` (the zenith where left out) is blocked, shape of ``rank``.

        ``rank``: of `sample_rank`, shape (sites, times); ``elevation_deg``: broadcast to it. A sky that is clear at a
        low elevation is clear above it, too.
        """
        q = self.fraction[:, self._months(months, rank.shape[1]) - 1]
        if elevation_deg is not None and self.cloud_aspect_ratio > 0.0:
            q = 1.0 - slant_clear(1.0 - q, elevation_deg, self.cloud_aspect_ratio)
        blocked: Booleans = rank < q
        return blocked

    def sample(self, months: ArrayLike, t_h: ArrayLike, rng: np.random.Generator) -> Booleans:
        """Whether each station is cloudy at each time, shape (sites, times); arguments as in `sample_rank`."""
        return self.cloudy(self.sample_rank(months, t_h, rng), months)

    def _month(self, month: int) -> Floats:
        require(1 <= month <= MONTHS, f"month {month}: wanted 1 to 12")
        column: Floats = self.fraction[:, month - 1]
        return column

    def _months(self, months: ArrayLike, times: int) -> NDArray[np.int64]:
        given = np.asarray(months)
        whole = np.asarray(given, dtype=np.int64)
        require(
            whole.shape in ((), (times,)) and bool(np.all((whole == given) & (whole >= 1) & (whole <= MONTHS))),
            f"months: wanted whole numbers from 1 to 12, one for each of {times} times",
        )
        return np.array(np.broadcast_to(whole, (times,)))
