"""Configuration values that may be read from YAML 1.1 files, as SquidASM programs write them.

Unknown keys are ignored, ``1e5`` (a string under YAML 1.1) is a number, objects may be changed after loading; a wrong
type is one error with file and line.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    model_validator,
)

from qcisim.errors import InputError, Place, ScenarioError, did_you_mean
from qcisim.squidasm.run.stack.placed import Placed, read_yaml

IN_PROGRAM = Place("configuration")
"""The place of values that no file holds."""


def _number(value: object) -> object:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def _integer(value: object) -> object:
    if isinstance(value, str):
        value = _number(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


Number = Annotated[float, BeforeValidator(_number)]
"""A float; strings such as ``"1e5"`` and ``"1_000"`` become one."""

Integer = Annotated[int, BeforeValidator(_integer)]
"""An int; strings and whole floats become one."""


class YamlLoadable(BaseModel):
    """Base of all configuration classes: `from_file` reads one from a YAML 1.1 file."""

    model_config = ConfigDict(extra="ignore", arbitrary_types_allowed=True)
    _source: Placed | None = PrivateAttr(default=None)

    @model_validator(mode="wrap")
    @classmethod
    def _remember(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        made = handler(data)
        if isinstance(data, Placed):
            made._source = data
        return made

    def place(self, key: str = "") -> Place:
        """Where ``key`` stands in the file this was read from; ``configuration`` for what a program made itself."""
        return self._source.place(key) if self._source is not None else IN_PROGRAM

    @classmethod
    def from_file(cls, path: str) -> Self:
        """Read from the file ``path``. Raises `ScenarioError` with the line of what is wrong."""
        return cls._from_file(path)

    @classmethod
    def _from_file(cls, path: str) -> Self:
        label = os.fspath(path)
        content = read_yaml(_text(path), label)
        if not isinstance(content, Placed):
            wanted = f"a mapping with {', '.join(cls.model_fields)}"
            raise ScenarioError(Place(label), "", wanted, "nothing" if content is None else "something else")
        return validated(cls, content, "")


class MissingFileError(InputError, FileNotFoundError):
    """There is no such configuration file."""


def _text(path: str) -> str:
    label = os.fspath(path)
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise MissingFileError(f"{label}: error: no such file") from None
    except UnicodeDecodeError:
        raise ScenarioError(Place(label), "", "YAML in UTF-8", "other bytes") from None
    except OSError as error:
        raise ScenarioError(Place(label), "", "a YAML file", (error.strerror or str(error)).lower()) from None


_M = TypeVar("_M", bound=BaseModel)


def validated(model: type[_M], content: Mapping[str, Any], where: str, at: Place = IN_PROGRAM) -> _M:
    """``model`` from ``content``; what does not fit is one `ScenarioError` with the field ``where``.x and its place.

    Args:
        at: the place of content that does not know its own.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise complaint(error, content, where, at) from None


def complaint(error: ValidationError, content: object, where: str, at: Place = IN_PROGRAM) -> ScenarioError:
    """The first complaint of pydantic about ``content``, in the words of qcisim."""
    first, more = error.errors(include_url=False)[0], error.error_count() - 1
    inner, place, field, beside = content, at, where, content
    for step in first["loc"]:
        beside = inner
        if isinstance(inner, Placed):
            place = inner.place(step)
        field += f"[{step}]" if isinstance(step, int) else (f".{step}" if field else str(step))
        inner = _step(inner, step)
    if isinstance(inner, Placed):
        place = inner.place()
    hint = f"and {more} more" if more else ""
    if first["type"] == "missing":
        got = "nothing"
        there = [key for key in beside if isinstance(key, str)] if isinstance(beside, Mapping) else []
        meant = did_you_mean(str(first["loc"][-1]), there)
        hint = meant.replace("did you mean", "is it").replace("?", ", which has no meaning here?") or hint
    elif isinstance(inner, Mapping):
        got = "a mapping"
    else:
        got = "a list" if isinstance(inner, list) else "null" if inner is None else repr(inner)
    return ScenarioError(place, field, _WANTED.get(first["type"], first["msg"]), got, hint)


_WANTED = {
    "missing": "a value",
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
}


def _step(value: object, step: int | str) -> object:
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return getattr(value, str(step), None)
