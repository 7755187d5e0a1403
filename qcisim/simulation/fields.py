"""The building blocks of the scenario models: numbers with unit and domain, and refusals that know their field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, NoReturn

from pydantic import AllowInfNan, BaseModel, BeforeValidator, ConfigDict, Field, Strict
from pydantic_core import PydanticCustomError

IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"


def _whole(value: Any) -> Any:
    """``1e6`` is a float in YAML and still a good count."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Number = Annotated[float, Strict(), AllowInfNan(False)]
Count = Annotated[int, BeforeValidator(_whole), Strict()]
Flag = Annotated[bool, Strict()]
Identifier = Annotated[str, Field(pattern=IDENTIFIER)]


class Model(BaseModel):
    """A part of a scenario: values only, no unknown field."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=False, serialize_by_alias=True)


def quantity(
    unit: str,
    text: str,
    default: Any = ...,
    *,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    why: str = "",
    source: str = "",
) -> Any:
    """A number field: unit, meaning, default, domain, the reason for the domain, and where the default comes from."""
    extra: dict[str, Any] = {"unit": unit}
    if why:
        extra["why"] = why
    if source:
        extra["source"] = source
    return Field(default, description=text, ge=ge, gt=gt, le=le, lt=lt, json_schema_extra=extra)


def probability(text: str, default: Any = ..., *, open_interval: bool = False, why: str = "") -> Any:
    """A probability: 0 to 1, without the ends where they make no sense."""
    if open_interval:
        return quantity("1", text, default, gt=0.0, lt=1.0, why=why)
    return quantity("1", text, default, ge=0.0, le=1.0, why=why)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, at a path of field names below the model that found it."""

    path: tuple[str | int, ...]
    wanted: str
    got: str
    hint: str = ""
    at_key: bool = False


def refuse(*problems: Problem) -> NoReturn:
    """Raise from a validator of a model; the loader turns it into errors with line and column."""
    text = "; ".join(f"{'.'.join(map(str, p.path))}: wanted {p.wanted}, got {p.got}" for p in problems)
    raise PydanticCustomError("qcisim", "{text}", {"text": text, "problems": problems})
