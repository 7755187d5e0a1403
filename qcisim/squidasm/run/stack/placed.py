"""YAML 1.1 whose mappings know their file and lines. Tags are refused, and aliases that expand without end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from qcisim.errors import Place, ScenarioError

MAX_VALUES = 1_000_000
"""How many values a file may hold once its aliases are expanded."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"


class Placed(dict[Any, Any]):
    """A mapping of a file that remembers its file and the line of each of its keys."""

    path: str = ""
    lines: Mapping[Any, int]
    line: int = 0

    def place(self, key: object = None) -> Place:
        """Where ``key`` stands, or else where the mapping begins."""
        return Place(self.path, getattr(self, "lines", {}).get(key, self.line))


def read_yaml(text: str, label: str) -> Any:
    """The content of ``text`` under YAML 1.1 rules; mappings are `Placed`. ``label`` stands for the file in errors."""
    try:
        _check_events(text, label)
        loader = _loader_class(label)(text)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(label, mark.line + 1, mark.column + 1) if mark else Place(label)
        raise ScenarioError(place, "", "YAML", str(error.problem or error.context)) from None
    except yaml.YAMLError as error:
        raise ScenarioError(Place(label), "", "YAML", " ".join(str(error).split())) from None


def _check_events(text: str, label: str) -> None:
    """Refuse tags, and aliases that expand to more than `MAX_VALUES` values."""
    sizes: dict[str, int] = {}
    open_values: list[tuple[str | None, int]] = []
    total = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            total += sizes.get(str(event.anchor), 0)
        elif isinstance(event, yaml.NodeEvent):
            tag = getattr(event, "tag", None)
            if tag is not None:
                raise ScenarioError(
                    _place(label, event), "", "a value without a tag", f"the tag {tag.replace(_TAG, '!!')}"
                )
            total += 1
            if isinstance(event, yaml.CollectionStartEvent):
                open_values.append((event.anchor, total - 1))
            elif event.anchor:
                sizes[event.anchor] = 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_values.pop()
            if anchor:
                sizes[anchor] = total - before
        if total > MAX_VALUES:
            raise ScenarioError(_place(label, event), "", f"at most {MAX_VALUES} values", "aliases that expand to more")


def _place(label: str, event: Any) -> Place:
    return Place(label, event.start_mark.line + 1, event.start_mark.column + 1)


def _loader_class(label: str) -> Any:
    class PlacedLoader(_Loader):  # type: ignore[misc]
        """A safe loader whose mappings know their lines."""

    def mapping(loader: Any, node: Any) -> Any:
        placed = Placed()
        yield placed
        placed.update(loader.construct_mapping(node))
        placed.path, placed.line = label, node.start_mark.line + 1
        placed.lines = {key.value: key.start_mark.line + 1 for key, _ in node.value}

    PlacedLoader.add_constructor(f"{_TAG}map", mapping)
    return PlacedLoader
