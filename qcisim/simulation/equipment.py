"""What a link is made of, as a scenario states it: fibre, light source, receiver, detector, classical channels."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from qcisim.simulation.fields import Count, Model, Number, Problem, probability, quantity, refuse

Status = Literal["announced", "derived", "estimated", "illustrative", "measured"]


class ClassicalChannel(Model):
    """One classical channel on the same fibre; its Raman-scattered light reaches the quantum receiver."""

    launch_power_dbm: Number = quantity("dBm", "power at the end where it enters", ge=-60.0, le=40.0)
    wavelength_nm: Number = quantity(
        "nm", "vacuum wavelength, or the centre of a group of channels", ge=1200.0, le=1700.0
    )
    direction: Literal["co", "counter"] = Field("co", description="with (co) or against (counter) the quantum signal")
    attenuation_db_per_km: Number | None = quantity(
        "dB/km",
        "attenuation at its own wavelength; that of the quantum signal where nothing is said",
        None,
        ge=0.14,
        le=10.0,
    )
    name: str = Field("", description="name in the table of noise terms", max_length=100)


class Fibre(Model):
    """A single-mode fibre between two nodes, with the status of its length."""

    length_km: Number = quantity("km", "fibre length, not distance", ge=0.0, le=2000.0)
    status: Status = Field("illustrative", description="how the length is known")
    source: str = Field("", description="where the length comes from", max_length=2000)
    attenuation_db_per_km: Number = quantity(
        "dB/km",
        "attenuation at the quantum wavelength",
        0.22,
        ge=0.14,
        le=10.0,
        why="silica fibre loses at least 0.14 dB/km",
    )
    connector_db: Number = quantity("dB", "connectors and splices of the whole link", 1.5, ge=0.0, le=60.0)
    dispersion_ps_per_nm_km: Number = quantity("ps/(nm km)", "chromatic dispersion", 17.0, ge=-200.0, le=200.0)
    group_index: Number = quantity(
        "1", "group index, sets the delay", 1.468, ge=1.0, le=3.0, why="light is not faster than in vacuum"
    )
    pmd_ps_per_sqrt_km: Number = quantity("ps/sqrt(km)", "polarisation mode dispersion", 0.04, ge=0.0, le=100.0)
    misalignment_stokes_rad: Number = quantity(
        "rad", "constant rotation of the Stokes vector that nobody corrects", 0.0, ge=-math.pi, le=math.pi
    )
    drift_stokes_rad_per_sqrt_s: Number = quantity(
        "rad/sqrt(s)", "rms walk of the Stokes vector in one second, each axis; 0 = still", 0.0, ge=0.0, le=10.0
    )
    tracking_period_s: Number = quantity("s", "the receiver realigns this often; 0 = never", 0.0, ge=0.0, le=1e6)
    classical_channels: tuple[ClassicalChannel, ...] = Field(
        (), description="classical channels on the same fibre", max_length=200
    )
    trusted_relays: Count = quantity(
        "1", "trusted nodes on the way, evenly spaced; the protocol runs on each leg between them", 0, ge=0, le=1000
    )


class Pulse(Model):
    """Shape of the light pulses in time and colour."""

    wavelength_nm: Number = quantity("nm", "vacuum wavelength of the quantum signal", 1550.0, ge=500.0, le=1700.0)
    fwhm_s: Number = quantity("s", "pulse length, full width at half maximum", 50e-12, gt=0.0, le=1e-6)
    linewidth_rms_nm: Number = quantity("nm", "spectral width, root mean square", 0.03, ge=0.0, le=10.0)


class WeakCoherent(Model):
    """Phase-randomised weak coherent pulses with decoy intensities."""

    kind: Literal["weak_coherent"] = "weak_coherent"
    pulse: Pulse = Field(Pulse(), description="shape of the pulses")
    clock_hz: Number = quantity("Hz", "pulses per second", 1e9, gt=0.0, le=1e12)
    intensities: tuple[Number, ...] = Field(
        (0.6, 0.18, 0.0002),
        description="mean photon number of each setting, brightest first",
        min_length=1,
        max_length=10,
        json_schema_extra={"unit": "photons"},
    )
    probabilities: tuple[Number, ...] = Field(
        (0.75, 0.18, 0.07), description="how often each setting is sent; sums to 1"
    )
    key_basis_probability: Number = probability(
        "probability that Alice sends in the key basis", 0.87, open_interval=True
    )

    @model_validator(mode="after")
    def _settings(self) -> WeakCoherent:
        problems = []
        if len(self.probabilities) != len(self.intensities):
            got = f"{len(self.probabilities)} for {len(self.intensities)} intensities"
            problems.append(Problem(("probabilities",), "one probability for each intensity", got))
        elif min(self.probabilities) <= 0.0 or not math.isclose(sum(self.probabilities), 1.0, abs_tol=1e-9):
            got = f"{' + '.join(f'{p:g}' for p in self.probabilities)} = {sum(self.probabilities):.10g}"
            problems.append(Problem(("probabilities",), "positive probabilities with sum 1", got))
        listed = ", ".join(f"{mu:g}" for mu in self.intensities)
        if min(self.intensities) < 0.0 or max(self.intensities) > 100.0:
            problems.append(Problem(("intensities",), "mean photon numbers from 0 to 100", listed))
        elif any(a <= b for a, b in zip(self.intensities, self.intensities[1:], strict=False)):
            problems.append(Problem(("intensities",), "descending mean photon numbers", listed))
        elif self.intensities[0] == 0.0:
            problems.append(Problem(("intensities",), "at least one setting with light", listed))
        if problems:
            refuse(*problems)
        return self


class SinglePhoton(Model):
    """An ideal source of single photons."""

    kind: Literal["single_photon"]
    pulse: Pulse = Field(Pulse(), description="shape of the pulses")
    clock_hz: Number = quantity("Hz", "pulses per second", 1e8, gt=0.0, le=1e12)
    key_basis_probability: Number = probability(
        "probability that Alice sends in the key basis", 0.87, open_interval=True
    )
    efficiency: Number = quantity("1", "probability that a pulse holds its photon", 1.0, gt=0.0, le=1.0)

    @property
    def intensities(self) -> tuple[float, ...]:
        return (1.0,)

    @property
    def probabilities(self) -> tuple[float, ...]:
        return (1.0,)


def _sender_problems(decoys: tuple[float, ...] | None, shares: tuple[float, ...] | None) -> list[Problem]:
    """What is wrong with the settings of one sender of MDI-QKD."""
    problems = []
    if decoys is not None:
        listed = ", ".join(f"{mu:g}" for mu in decoys)
        if min(decoys) < 0.0 or max(decoys) > 10.0 or not decoys[0] > decoys[1] > decoys[2]:
            problems.append(Problem(("decoys",), "three descending mean photon numbers from 0 to 10", listed))
    if shares is not None and (min(shares) <= 0.0 or not math.isclose(math.fsum(shares), 1.0, abs_tol=1e-9)):
        got = f"{' + '.join(f'{p:g}' for p in shares)} = {math.fsum(shares):.10g}"
        problems.append(Problem(("decoy_probabilities",), "positive probabilities with sum 1", got))
    return problems


class FourIntensity(Model):
    """Both senders of MDI-QKD: a signal in the key basis, three decoys in the test basis; arms override any of it."""

    kind: Literal["four_intensity"]
    pulse: Pulse = Field(Pulse(), description="shape of the pulses")
    clock_hz: Number = quantity("Hz", "pulse pairs per second", 1e9, gt=0.0, le=1e12)
    signal: Number = quantity("photons", "mean photon number of key rounds", 0.3, gt=0.0, le=10.0)
    decoys: tuple[Number, Number, Number] = Field(
        (0.3, 0.06, 0.0),
        description="mean photon numbers of test rounds, brightest first",
        json_schema_extra={"unit": "photons"},
    )
    signal_probability: Number = probability("how often a key round is sent", 0.4, open_interval=True)
    decoy_probabilities: tuple[Number, Number, Number] = Field(
        (0.1, 0.6, 0.3), description="how often each decoy is sent, given a test round; sums to 1"
    )

    @model_validator(mode="after")
    def _settings(self) -> FourIntensity:
        if problems := _sender_problems(self.decoys, self.decoy_probabilities):
            refuse(*problems)
        return self

    @property
    def intensities(self) -> tuple[float, ...]:
        return (self.signal, *self.decoys)


class Sender(Model):
    """What one of the two senders does differently from the source of the link."""

    signal: Number | None = quantity("photons", "mean photon number of key rounds", None, gt=0.0, le=10.0)
    decoys: tuple[Number, Number, Number] | None = Field(
        None,
        description="mean photon numbers of test rounds, brightest first",
        json_schema_extra={"unit": "photons"},
    )
    signal_probability: Number | None = quantity("1", "how often a key round is sent", None, gt=0.0, lt=1.0)
    decoy_probabilities: tuple[Number, Number, Number] | None = Field(
        None, description="how often each decoy is sent, given a test round; sums to 1"
    )

    @model_validator(mode="after")
    def _settings(self) -> Sender:
        if problems := _sender_problems(self.decoys, self.decoy_probabilities):
            refuse(*problems)
        return self


def _kind(value: Any) -> Any:
    return value.get("kind", "weak_coherent") if isinstance(value, dict) else getattr(value, "kind", "weak_coherent")


Source = Annotated[
    Annotated[WeakCoherent, Tag("weak_coherent")]
    | Annotated[SinglePhoton, Tag("single_photon")]
    | Annotated[FourIntensity, Tag("four_intensity")],
    Discriminator(_kind),
]


class Detector(Model):
    """A threshold detector: a preset, and what differs from it."""

    preset: str = Field("snspd", description="detector preset, see `qcisim list detector`")
    efficiency: Number | None = quantity(
        "1", "detection efficiency", None, gt=0.0, le=1.0, why="a detector cannot amplify"
    )
    dark_count_rate_hz: Number | None = quantity("Hz", "dark counts per detector", None, ge=0.0, le=1e9)
    dead_time_s: Number | None = quantity("s", "blind time of the whole receiver after a click", None, ge=0.0, le=1.0)
    afterpulse_probability: Number | None = quantity("1", "mean number of afterpulses of a click", None, ge=0.0, le=0.5)
    afterpulse_decay_s: Number | None = quantity("s", "decay time of afterpulsing", None, gt=0.0, le=1.0)
    jitter_fwhm_s: Number | None = quantity("s", "timing jitter, full width at half maximum", None, ge=0.0, le=1e-6)
    gate_s: Number | None = quantity("s", "gate, or acceptance window around a pulse", None, gt=0.0, le=1e-3)


class Receiver(Model):
    """Bob's receiver: active basis choice, two alike detectors."""

    detector: Detector = Field(Detector(), description="preset name, or a mapping with `preset` and what differs")
    key_basis_probability: Number = probability(
        "probability that Bob measures in the key basis", 0.87, open_interval=True
    )
    insertion_loss_db: Number = quantity("dB", "optics between the fibre and the detectors", 3.0, ge=0.0, le=60.0)
    misalignment_error: Number = quantity(
        "1",
        "probability that a signal photon meets the wrong detector",
        0.01,
        ge=0.0,
        le=0.5,
        why="beyond 0.5 the bits are swapped",
    )
    filter_nm: Number = quantity("nm", "optical bandwidth that lets Raman light pass", 0.6, gt=0.0, le=200.0)

    @field_validator("detector", mode="before")
    @classmethod
    def _preset(cls, value: Any) -> Any:
        return {"preset": value} if isinstance(value, str) else value
