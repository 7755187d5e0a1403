"""The Raman coefficient of a fibre by frequency offset."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qcisim.errors import require
from qcisim.units import BOLTZMANN_J_PER_K, PLANCK_J_S, SPEED_OF_LIGHT_M_PER_S

ROOM_TEMPERATURE_K = 300.0


def boltzmann_exponent(shift_thz: float, temperature_k: float) -> float:
    """h nu / (k T)."""
    require(temperature_k > 0.0, f"temperature_k {temperature_k:g}: wanted above 0")
    return PLANCK_J_S * shift_thz * 1e12 / (BOLTZMANN_J_PER_K * temperature_k)


def antistokes_ratio(shift_thz: float, temperature_k: float) -> float:
    """n/(n+1) = exp(-h nu/(k T)): anti-Stokes over Stokes scattering at the same shift."""
    return math.exp(-boltzmann_exponent(shift_thz, temperature_k))


@dataclass(frozen=True, slots=True)
class RamanTable:
    """rho by frequency offset: Raman power per classical power, km of fibre and nm of quantum bandwidth.

    Args:
        offset_thz: quantum minus classical frequency, ascending, (n,); negative is the Stokes side (quantum signal at
            the longer wavelength).
        coefficient_per_km_nm: rho at each offset, both polarisations together, (n,).
        quantum_nm: quantum wavelength the coefficients hold for.
        source: where the numbers come from.
    """

    offset_thz: tuple[float, ...]
    coefficient_per_km_nm: tuple[float, ...]
    quantum_nm: float
    source: str

    def __post_init__(self) -> None:
        offsets, values = np.asarray(self.offset_thz), np.asarray(self.coefficient_per_km_nm)
        require(offsets.shape == values.shape and offsets.size >= 2, "Raman table: wanted two points or more, in pairs")
        require(bool(np.all(np.diff(offsets) > 0.0)), "Raman table: offsets must ascend")
        require(
            bool(np.all(np.isfinite(values)) and np.all(values >= 0.0)), "Raman table: a coefficient is not negative"
        )
        require(self.quantum_nm > 0.0, f"Raman table: quantum_nm {self.quantum_nm:g}: wanted above 0")

    @classmethod
    def of(cls, pairs: Sequence[Sequence[float]], *, quantum_nm: float = 1550.0, source: str = "user") -> RamanTable:
        """A table of one's own from (offset in THz, coefficient in 1/(km nm)) pairs, in any order."""
        require(all(len(pair) == 2 for pair in pairs), "Raman table: wanted pairs of offset_thz, coefficient_per_km_nm")
        ordered = sorted((float(offset), float(value)) for offset, value in pairs)
        return cls(tuple(o for o, _ in ordered), tuple(v for _, v in ordered), quantum_nm, source)

    def coefficient(self, quantum_nm: float, classical_nm: float) -> float:
        """rho in 1/(km nm), linear in the offset, times (table wavelength / quantum wavelength)^4.

        The fourth power: photon energy, frequency per nm (second power) and Raman gain each grow with the frequency.
        Beyond the table the end value holds: an upper bound for silica, whose gain falls there.
        """
        offset_thz = SPEED_OF_LIGHT_M_PER_S * (1.0 / quantum_nm - 1.0 / classical_nm) * 1e-3
        value = float(np.interp(offset_thz, self.offset_thz, self.coefficient_per_km_nm))
        return value * (self.quantum_nm / quantum_nm) ** 4


PEAK_GAIN_PER_W_KM = 0.39
"""Peak Raman gain of G.652 fibre near 1550 nm for depolarised light, 1/(W km); Bromage, J. Lightwave Technol. 22, 79
(2004)."""

# Raman gain of silica over its peak at 0, 1, ..., 40 THz: the 13-mode model of Hollenbeck and Cantrell,
# J. Opt. Soc. Am. B 19, 2886 (2002), Table 1; a test recomputes it.
SILICA_GAIN_AT_THZ = (
    *(0.0, 0.0762, 0.1648, 0.2179, 0.2496, 0.2844, 0.3472, 0.4224, 0.5038, 0.6041),
    *(0.7186, 0.8263, 0.9267, 0.9973, 0.9517, 0.9402, 0.4335, 0.2397, 0.3019, 0.1912),
    *(0.0897, 0.0764, 0.0707, 0.1061, 0.1647, 0.1499, 0.0837, 0.0457, 0.0388, 0.0334),
    *(0.0299, 0.0388, 0.0558, 0.0531, 0.0363, 0.03, 0.0306, 0.0287, 0.0225, 0.015, 0.0092),
)


def spontaneous_table(
    gain_at_thz: Sequence[float], peak_gain_per_w_km: float, *, quantum_nm: float, temperature_k: float, source: str
) -> RamanTable:
    """rho = 2 h nu g(f) (n+1) c/lambda^2 on the Stokes side, n instead of n+1 on the other; n = 1/(exp(h f/kT) - 1).

    g(f) is the gain for depolarised light at the shift f = 0, 1, 2, ... THz, linear in between; each of the two
    polarisation modes emits h nu g (n+1) per unit of classical power, length and bandwidth. Toward f = 0, g n stays
    finite.

    Source: Mandelbaum, Bolshtyansky, Heinz, Hight Walker, J. Opt. Soc. Am. B 20, 621 (2003), spontaneous Raman
    emission and gain of fibre.
    """
    nu_hz = SPEED_OF_LIGHT_M_PER_S / (quantum_nm * 1e-9)
    per_gain = 2.0 * PLANCK_J_S * nu_hz * nu_hz / quantum_nm  # W km of gain -> 1/(km nm): dnu/dlambda = nu/lambda
    last = len(gain_at_thz) - 1
    offsets, values = [], []
    for quarter in range(-4 * last, 4 * last + 1):
        shift = abs(quarter) / 4.0
        gain = peak_gain_per_w_km * float(np.interp(shift, np.arange(last + 1), gain_at_thz))
        if shift == 0.0:
            weighted = peak_gain_per_w_km * gain_at_thz[1] / boltzmann_exponent(1.0, temperature_k)
        else:
            stokes = gain / -math.expm1(-boltzmann_exponent(shift, temperature_k))
            weighted = stokes if quarter < 0 else stokes * antistokes_ratio(shift, temperature_k)
        offsets.append(quarter / 4.0)
        values.append(per_gain * weighted)
    return RamanTable(tuple(offsets), tuple(values), quantum_nm, source)


SILICA = spontaneous_table(
    SILICA_GAIN_AT_THZ,
    PEAK_GAIN_PER_W_KM,
    quantum_nm=1550.0,
    temperature_k=ROOM_TEMPERATURE_K,
    source="gain shape of Hollenbeck and Cantrell (2002), peak gain of Bromage (2004), thermal occupation at 300 K; "
    "about twice the values measured behind polarisers, order of magnitude verified only",
)
"""Silica fibre: 7.2e-9 /(km nm) at 1550 nm from a channel at 1530 nm, 2.6e-12 at 1310 nm from one at 1550 nm."""
