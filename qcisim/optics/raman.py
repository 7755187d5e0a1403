"""Raman noise of classical channels on the same fibre."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qcisim.errors import require
from qcisim.optics.fibre import Fibre
from qcisim.optics.raman_table import RamanTable
from qcisim.optics.receiver import Receiver
from qcisim.units import (
    per_km_from_db_per_km,
    photon_energy_j,
    transmittance_from_db,
    watt_from_dbm,
)


@dataclass(frozen=True, slots=True)
class ClassicalChannel:
    """Data light that shares the fibre.

    Args:
        launch_power_dbm: at the end where it enters.
        wavelength_nm: of the data channel (or the centre of a group of them).
        direction: "co" runs with the quantum signal, "counter" against it.
        attenuation_db_per_km: at its own wavelength; None = that of the quantum signal.
        name: for the noise table.
    """

    launch_power_dbm: float
    wavelength_nm: float
    direction: str = "co"
    attenuation_db_per_km: float | None = None
    name: str = ""

    def __post_init__(self) -> None:
        require(self.direction in ("co", "counter"), f"direction {self.direction!r}: wanted 'co' or 'counter'")
        require(
            self.launch_power_dbm <= 40.0,
            f"launch_power_dbm {self.launch_power_dbm:g}: above 10 W, wanted dBm up to 40",
        )
        require(600.0 <= self.wavelength_nm <= 2000.0, f"wavelength_nm {self.wavelength_nm:g}: wanted 600 to 2000 nm")
        alpha = self.attenuation_db_per_km
        require(alpha is None or alpha >= 0.0, "attenuation_db_per_km: a passive fibre cannot amplify")


def forward_power_w(
    launch_w: float,
    length_km: float,
    rho_per_km_nm: float,
    filter_nm: float,
    classical_per_km: float,
    quantum_per_km: float,
) -> float:
    """P_f = P0 rho dlambda (e^(-a_c L) - e^(-a_q L))/(a_q - a_c); P0 rho dlambda L e^(-a L) for equal attenuation.

    Attenuations in 1/km. Source: Eraerds et al., New J. Phys. 12, 063027 (2010).
    """
    difference = (quantum_per_km - classical_per_km) * length_km
    growth = 1.0 if difference == 0.0 else -math.expm1(-difference) / difference
    return launch_w * rho_per_km_nm * filter_nm * length_km * math.exp(-classical_per_km * length_km) * growth


def forward_peak_length_km(classical_per_km: float, quantum_per_km: float) -> float:
    """Length at which `forward_power_w` is largest: ln(a_q/a_c)/(a_q - a_c); 1/a for equal attenuation."""
    ratio = (quantum_per_km - classical_per_km) / classical_per_km
    return (1.0 if ratio == 0.0 else math.log1p(ratio) / ratio) / classical_per_km


def backward_power_w(
    launch_w: float,
    length_km: float,
    rho_per_km_nm: float,
    filter_nm: float,
    classical_per_km: float,
    quantum_per_km: float,
) -> float:
    """P_b = P0 rho dlambda (1 - e^(-(a_c + a_q) L))/(a_c + a_q), at the end where the classical light enters.

    Source: Eraerds et al., New J. Phys. 12, 063027 (2010), for a_c = a_q.
    """
    total = classical_per_km + quantum_per_km
    reach_km = length_km if total == 0.0 else -math.expm1(-total * length_km) / total
    return launch_w * rho_per_km_nm * filter_nm * reach_km


def photon_rate_hz(power_w: float, wavelength_nm: float) -> float:
    """P / (h c / lambda)."""
    return power_w / photon_energy_j(wavelength_nm)


def raman_counts_per_gate(
    classical: ClassicalChannel, fibre: Fibre, quantum_nm: float, receiver: Receiver, table: RamanTable
) -> float:
    """Mean Raman counts per gate and detector: photon rate x receiver optics x detector efficiency x gate / 2.

    The light is unpolarised: the receiver's polarisation splitter sends one half to each detector.
    """
    apart_nm = abs(classical.wavelength_nm - quantum_nm)
    require(
        apart_nm > receiver.filter_nm / 2.0,
        f"classical channel at {classical.wavelength_nm:g} nm, {apart_nm:g} nm from the quantum signal: it lies inside "
        f"the receiver's filter of {receiver.filter_nm:g} nm",
    )
    alpha_q = per_km_from_db_per_km(fibre.attenuation_db_per_km)
    given = classical.attenuation_db_per_km
    alpha_c = alpha_q if given is None else per_km_from_db_per_km(given)
    power = forward_power_w if classical.direction == "co" else backward_power_w
    rho = table.coefficient(quantum_nm, classical.wavelength_nm)
    power_w = power(
        watt_from_dbm(classical.launch_power_dbm), fibre.length_km, rho, receiver.filter_nm, alpha_c, alpha_q
    )
    seen = transmittance_from_db(receiver.insertion_loss_db) * receiver.detector.efficiency * receiver.detector.gate_s
    return 0.5 * photon_rate_hz(power_w, quantum_nm) * seen
