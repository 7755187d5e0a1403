"""Links by the type and the field names of SquidASM configurations: ``link_model("depolarise", {...})``.

Unknown fields are ignored and numbers may be text ("1e5"), as such files have them; a field that is None counts as not
given. Lengths in km, speeds in km/s, attenuation in dB/km, times in ns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qcisim.errors import InputError, did_you_mean
from qcisim.stack.links.attempts import ATTEMPT_NS, AttemptLink, depolarising_link, perfect_link
from qcisim.stack.links.delivery import LinkModel
from qcisim.stack.links.midpoint import Coincidence, Midpoint, Side, double_click_link, single_click_link

SPEED_OF_LIGHT_KM_PER_S = 200_000.0
MINIMUM_FIDELITY = 0.99


class _Fields:
    """The given fields of a configuration, read one by one."""

    def __init__(self, typ: str, given: Mapping[str, Any]) -> None:
        self._typ = typ
        self._given = {name: value for name, value in given.items() if value is not None}

    def number(self, name: str, default: float | None = None) -> float:
        value = self._given.get(name, default)
        if value is None:
            raise InputError(f"link of type '{self._typ}': wanted {name}, got none")
        try:
            return float(value)
        except (TypeError, ValueError):
            raise InputError(f"link of type '{self._typ}': {name}: wanted a number, got {value!r}") from None

    def flag(self, name: str) -> bool:
        value = self._given.get(name, False)
        text = {"true": True, "false": False, "yes": True, "no": False, "on": True, "off": False, "1": True, "0": False}
        found = text.get(str(value).lower())
        if found is None:
            raise InputError(f"link of type '{self._typ}': {name}: wanted true or false, got {value!r}")
        return found

    def side(self, name: str, side: str, default: float | None = None) -> float:
        """``name`` with the suffix of the side, else without, else ``default``."""
        own = f"{name}_{side}"
        return self.number(own if own in self._given else name, default)

    def has(self, name: str) -> bool:
        return name in self._given

    def time_ns(self, name: str, default: float | None) -> float:
        """``name``, or length over speed of light; both or neither is an error."""
        if self.has(name) and self.has("length"):
            raise InputError(f"link of type '{self._typ}': wanted {name} or length, got both")
        if self.has("length"):
            speed = self.number("speed_of_light", SPEED_OF_LIGHT_KM_PER_S)
            if not speed > 0.0:
                raise InputError(f"link of type '{self._typ}': speed_of_light {speed:g}: wanted above 0")
            return self.number("length") / speed * 1e9
        if default is None and not self.has(name):
            raise InputError(f"link of type '{self._typ}': wanted {name} or length, got neither")
        return self.number(name, default)

    def sides(self) -> tuple[Side, Side]:
        return self._side("A"), self._side("B")

    def _side(self, side: str) -> Side:
        own = f"length_{side}"
        if not self.has(own) and not self.has("length"):
            raise InputError(f"link of type '{self._typ}': wanted length, or length_A and length_B; no {own}")
        return Side(
            self.number(own) if self.has(own) else 0.5 * self.number("length"),
            self.side("p_loss_init", side, 0.0),
            self.side("p_loss_length", side, 0.25),
            self.side("speed_of_light", side, SPEED_OF_LIGHT_KM_PER_S),
            self.side("emission_fidelity", side, 1.0),
            self.side("emission_duration", side, 0.0),
            self.side("collection_efficiency", side, 1.0),
        )

    def station(self) -> Midpoint:
        return Midpoint(
            self.number("dark_count_probability", 0.0),
            self.number("detector_efficiency", 1.0),
            self.number("visibility", 1.0),
            self.flag("num_resolving"),
        )


def _perfect(given: _Fields) -> AttemptLink:
    return perfect_link(given.time_ns("state_delay", ATTEMPT_NS))


def _depolarise(given: _Fields) -> AttemptLink:
    fidelity, probability = given.number("fidelity"), given.number("prob_success")
    attempt_ns = given.time_ns("t_cycle", None)
    return depolarising_link(fidelity, probability, attempt_ns, random_bell_state=given.flag("random_bell_state"))


def _double_click(given: _Fields) -> AttemptLink:
    coincidence = Coincidence(*(given.number(f"coin_prob_{kind}", 1.0) for kind in ("ph_ph", "ph_dc", "dc_dc")))
    modes = given.number("num_multiplexing_modes", 1.0)
    if modes != int(modes):
        raise InputError(f"num_multiplexing_modes {modes:g}: wanted a whole number")
    return double_click_link(*given.sides(), given.station(), coincidence, modes=int(modes))


def _single_click(given: _Fields) -> AttemptLink:
    bright = 1.0 - given.number("minimum_fidelity", MINIMUM_FIDELITY)
    return single_click_link(*given.sides(), given.station(), bright=bright)


def _nv(given: _Fields) -> AttemptLink:
    """The link of SquidASM up to 0.12: a single click with alpha, attempts of cycle_time, otherwise ideal."""
    given.number("full_cycle")
    attempt_ns = given.number("cycle_time")
    return single_click_link(*given.sides(), given.station(), bright=given.number("alpha"), attempt_ns=attempt_ns)


LINK_TYPES: Mapping[str, Callable[[_Fields], LinkModel]] = {
    "perfect": _perfect,
    "depolarise": _depolarise,
    "heralded": _double_click,
    "heralded-double-click": _double_click,
    "heralded-single-click": _single_click,
    "nv": _nv,
}


def link_model(typ: str, cfg: Mapping[str, Any] | None = None) -> LinkModel:
    """The model of a link of type ``typ`` with the fields ``cfg``. Raises `InputError` that names type and field."""
    make = LINK_TYPES.get(typ)
    if make is None:
        hint = did_you_mean(typ, LINK_TYPES) or f"known: {', '.join(LINK_TYPES)}"
        raise InputError(f"unknown type of link '{typ}' ({hint})")
    return make(_Fields(typ, cfg or {}))


__all__ = ["LINK_TYPES", "MINIMUM_FIDELITY", "SPEED_OF_LIGHT_KM_PER_S", "link_model"]
