"""How pairs are heralded between two memories, as a scenario states it: one set of fields for links and for chains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from qcisim.simulation.fields import Count, Flag, Model, Number, Problem, probability, quantity, refuse


def _both(value: Any) -> Any:
    return [value, value] if isinstance(value, int | float) and not isinstance(value, bool) else value


_SHARE = {"type": "number", "minimum": 0.0, "maximum": 1.0, "unit": "1"}
_ONE_OR_TWO = {"anyOf": [_SHARE, {"type": "array", "items": _SHARE, "minItems": 2, "maxItems": 2}]}

EachSide: TypeAlias = Annotated[tuple[Number, Number], BeforeValidator(_both), WithJsonSchema(_ONE_OR_TWO)]
"""A share for the first node and one for the second; one number stands for both."""
_DOMAINS: dict[str, tuple[str, Callable[[float], bool], str]] = {
    "bright": ("a number above 0 and below 1", lambda x: 0.0 < x < 1.0, ""),
    "efficiency": ("a number above 0 and at most 1", lambda x: 0.0 < x <= 1.0, ""),
    "double_excitation": ("a number from 0 to 1", lambda x: 0.0 <= x <= 1.0, ""),
    "emitted_fidelity": ("a number from 0.25 to 1", lambda x: 0.25 <= x <= 1.0, "white noise has 0.25, a Bell pair 1"),
}


def each_side(text: str, default: float) -> Any:
    """A field for a share of either side."""
    wanted = "a number from 0 to 1, or one for each node"
    extra: dict[str, Any] = {"unit": "1", "wanted": wanted}
    return Field((default, default), description=f"{text}; one number, or one for each node", json_schema_extra=extra)


class MiddleSource(Model):
    """A source of photon pairs at the station; memories tell when they have stored a photon."""

    mean_pairs: Number = quantity("1", "pairs per pulse, two-mode thermal", 0.01, gt=0.0, le=10.0)
    pulse_rate_hz: Number = quantity("Hz", "pulses per second", 1e7, gt=0.0, le=1e12)
    pulses: Count = quantity("1", "pulses of a train, after which the memories compare", 100, ge=1, le=10**9)
    fidelity: Number = quantity(
        "1", "of an emitted pair with Phi+; what is missing is white noise", 0.99, ge=0.25, le=1.0
    )


class Heralding(Model):
    """Two memories and a station between them that herald pairs: by clicks, or with a source of pairs."""

    scheme: Literal["single_click", "double_click", "polarisation_click", "midpoint_source"] = Field(
        "double_click",
        description="one photon from either side; one from each, in two rounds (Barrett and Kok); one from each, with "
        "the qubits in their polarisation; a source of pairs at the station, whose photons memories store",
    )
    source: MiddleSource | None = Field(None, description="midpoint_source: the source, as usual where nothing is said")
    bright: EachSide = each_side("single_click: population of the bright state", 0.05)
    efficiency: EachSide = each_side("an emitted photon clicks, fibre excluded", 0.1)
    double_excitation: EachSide = each_side("single_click and double_click: a bright state emits a second photon", 0.0)
    emitted_fidelity: EachSide = each_side(
        "fidelity of the emitting qubit and its photon, preparation and gates of the qubit included; what is missing "
        "is white noise",
        1.0,
    )
    station_at: Number = probability("where the station is, as a share of the fibre from the first node", 0.5)
    visibility: Number = probability("of two photons at the station", 0.95)
    dark_count_probability: Number = probability(
        "of each detector in each window, light that is not signal included", 1e-7
    )
    phase_rms_rad: Number = quantity(
        "rad",
        "rms of the optical phase between the arms; of its change between the two photons, where two herald",
        0.0,
        ge=0.0,
        le=10.0,
    )
    number_resolving: Flag = Field(False, description="whether detectors tell two photons from one")
    preparation_s: Number = quantity("s", "to prepare the memories for an attempt", 5e-6, ge=0.0, le=1.0)
    gap_s: Number = quantity("s", "double_click: between the two rounds", 0.0, ge=0.0, le=1.0)
    duty_cycle: Number = quantity(
        "1",
        "share of the time in which attempts are made; cooling, checks and stabilisation take the rest",
        1.0,
        gt=0.0,
        le=1.0,
    )

    @model_validator(mode="after")
    def _sides(self) -> Heralding:
        for name, (wanted, good, hint) in _DOMAINS.items():
            if bad := [value for value in getattr(self, name) if not good(value)]:
                refuse(Problem((name,), f"{wanted}, or one for each node", f"{bad[0]:g}", hint))
        if self.source is not None and self.scheme != "midpoint_source":
            hint = "a source of pairs at the station is scheme: midpoint_source"
            refuse(Problem(("source",), f"no source with scheme {self.scheme}", "one", hint))
        if self.scheme == "midpoint_source" and any(self.double_excitation):
            refuse(
                Problem(
                    ("double_excitation",), "0, as memories store and do not emit", f"{max(self.double_excitation):g}"
                )
            )
        if self.scheme == "polarisation_click" and any(self.double_excitation):
            hint = "two photons of one memory would make three clicks, which herald nothing"
            refuse(
                Problem(
                    ("double_excitation",), "0 where polarisations herald", f"{max(self.double_excitation):g}", hint
                )
            )
        return self
