"""YAML text to plain data in which every value knows its place.

The rules are those of the YAML 1.2 core schema (yaml.org/spec/1.2.2, section 10.3): ``1e-6`` is a number, ``NO`` is
text, ``0o17`` is fifteen. What could hurt or mislead is refused: repeated keys, merge keys, alias bombs, deep nesting,
big files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from qcisim.errors import Place, ScenarioError

MAX_BYTES = 2_000_000
MAX_VALUES = 100_000
MAX_DEPTH = 50

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE = "tag:yaml.org,2002:"
_NULL = re.compile(r"null|Null|NULL|~|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)

_TAGS: dict[str, tuple[type, ...]] = {"null": (type(None),), "bool": (bool,), "int": (int,), "float": (int, float)}

Scalar: TypeAlias = bool | int | float | str | None


@dataclass(slots=True)
class Node:
    """A value and its place: a scalar, a list of nodes, or a mapping of keys (places in ``keys``) to nodes."""

    place: Place
    value: Scalar | list[Node] | dict[str, Node]
    keys: dict[str, Place] = field(default_factory=dict)
    size: int = 1
    height: int = 0

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def copy(self) -> Node:
        """The same values in nodes of their own."""
        value = self.value
        if isinstance(value, dict):
            value = {key: node.copy() for key, node in value.items()}
        elif isinstance(value, list):
            value = [node.copy() for node in value]
        return Node(self.place, value, dict(self.keys), self.size, self.height)

    def find(self, path: tuple[str | int, ...]) -> Node | None:
        """The node at a path of keys and indices; None where there is none."""
        node: Node | None = self
        for step in path:
            if node is None:
                return None
            node = node.child(step)
        return node

    def child(self, step: str | int) -> Node | None:
        if isinstance(self.value, dict):
            return self.value.get(str(step))
        if isinstance(self.value, list) and isinstance(step, int) and 0 <= step < len(self.value):
            return self.value[step]
        return None


def merged(base: Node, over: Node) -> Node:
    """``over`` on top of ``base``: mappings are merged key by key, everything else is replaced."""
    if not isinstance(base.value, dict) or not isinstance(over.value, dict):
        return over
    value = dict(base.value)
    for key, node in over.value.items():
        value[key] = merged(value[key], node) if key in value else node
    return Node(over.place, value, {**base.keys, **over.keys})


def parse(text: str, path: str, *, empty_is_null: bool = False) -> Node:
    """The one document of ``text``; an empty one is refused, or null.

    Raises:
        ScenarioError: with ``path``, line and column, for everything that is not one plain YAML document.
    """
    if len(text) > MAX_BYTES:
        raise ScenarioError(Place(path), "", f"at most {MAX_BYTES / 1e6:g} MB of YAML", f"{len(text) / 1e6:.1f} MB")
    try:
        root = _Builder(path).document(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        raise _syntax(error, path, text) from None
    except yaml.reader.ReaderError as error:
        raise _unreadable(error, path, text) from None
    if root is None and empty_is_null:
        return Node(Place(path, 1, 1), None)
    if root is None:
        raise ScenarioError(
            Place(path, 1, 1), "", "a scenario", "an empty file", "qcisim new scenario writes one to start from"
        )
    return root


def _syntax(error: yaml.MarkedYAMLError, path: str, text: str) -> ScenarioError:
    mark = error.problem_mark or error.context_mark
    place = Place(path, mark.line + 1, mark.column + 1) if mark else Place(path)
    lines = text.splitlines()
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    tab = "\t" in line[: len(line) - len(line.lstrip()) + 1] or (
        mark is not None and line[mark.column : mark.column + 1] == "\t"
    )
    hint = "indent with spaces: YAML knows no tabs" if tab else (error.context or "")
    if error.context and error.context_mark and not tab:
        hint = f"{error.context} that begins at {error.context_mark.line + 1}:{error.context_mark.column + 1}"
    problem = re.sub(r"^(did|could) not find expected ", "no ", f"{error.problem or error}").removeprefix("found ")
    return ScenarioError(place, "", "valid YAML", problem, hint)


def _unreadable(error: yaml.reader.ReaderError, path: str, text: str) -> ScenarioError:
    match = re.search("[^\x09\x0a\x0d\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    at = match.start() if match else 0
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    code = ord(text[at]) if match else error.character
    return ScenarioError(Place(path, line, column), "", "printable characters", f"the control character U+{code:04X}")


def scalar(text: str) -> Scalar:
    """A plain scalar under the YAML 1.2 core schema."""
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text[0] in "tT"
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


def one_line(text: str) -> str:
    """``text`` with everything that cannot be printed escaped, so that an error stays on its line."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


class _Builder:
    """Events to nodes, with limits on depth and on the number of values after alias expansion."""

    def __init__(self, path: str) -> None:
        self.path, self.anchors, self.total = path, dict[str, Node](), 0

    def document(self, events: Iterator[Any]) -> Node | None:
        self.events = events
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise self.error(event, "one YAML document", "a second one")
                root = self.node(next(events), 0)
        if root is not None and root.value is None:
            return None
        return root

    def error(self, event: Any, wanted: str, got: str, hint: str = "") -> ScenarioError:
        return ScenarioError(self.place(event), "", wanted, one_line(got), one_line(hint))

    def place(self, event: Any) -> Place:
        return Place(self.path, event.start_mark.line + 1, event.start_mark.column + 1)

    def count(self, event: Any, size: int) -> None:
        self.total += size
        if self.total > MAX_VALUES:
            got = "aliases that expand to more" if isinstance(event, yaml.AliasEvent) else "more"
            raise self.error(event, f"at most {MAX_VALUES} values", got)

    def limit(self, event: Any, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise self.error(event, f"at most {MAX_DEPTH} levels of nesting", "more")

    def node(self, event: Any, depth: int) -> Node:
        self.limit(event, depth)
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, depth)
        self.count(event, 1)
        if isinstance(event, yaml.ScalarEvent):
            node = Node(self.place(event), self.scalar(event))
        elif isinstance(event, yaml.MappingStartEvent):
            node = self.mapping(event, depth)
        else:
            node = self.sequence(event, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def alias(self, event: Any, depth: int) -> Node:
        if event.anchor not in self.anchors:
            raise self.error(event, "an anchor that is complete before its alias", f"*{event.anchor}")
        node = self.anchors[event.anchor]
        self.count(event, node.size)
        self.limit(event, depth + node.height)
        return node.copy()  # each place its own: an override of one must not reach the others

    def scalar(self, event: Any) -> Scalar:
        tag = event.tag if event.tag not in (None, "!") else None
        if tag == _CORE + "str" or (tag is None and not event.implicit[0]):
            return str(event.value)
        try:
            value = scalar(event.value)
        except ValueError:
            raise self.error(event, "a number of reasonable size", f"one of {len(event.value)} digits") from None
        if tag is None:
            return value
        wanted = _TAGS.get(tag.removeprefix(_CORE))
        if wanted is None or not isinstance(value, wanted) or (tag != _CORE + "bool" and isinstance(value, bool)):
            raise self.error(event, "plain YAML values", f"the tag {tag.replace(_CORE, '!!')}")
        return float(value) if tag == _CORE + "float" and isinstance(value, int) else value

    def sequence(self, event: Any, depth: int) -> Node:
        self.plain_tag(event, "seq")
        items: list[Node] = []
        while not isinstance(inner := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(inner, depth + 1))
        size, height = 1 + sum(item.size for item in items), 1 + max((item.height for item in items), default=0)
        return Node(self.place(event), list(items), size=size, height=height)

    def mapping(self, event: Any, depth: int) -> Node:
        self.plain_tag(event, "map")
        node = Node(self.place(event), value := dict[str, Node]())
        while not isinstance(inner := next(self.events), yaml.MappingEndEvent):
            if not isinstance(inner, yaml.ScalarEvent):
                raise self.error(
                    inner, "text as a key", "an alias" if isinstance(inner, yaml.AliasEvent) else "a structure"
                )
            key = str(inner.value)
            if key == "<<" and inner.implicit[0]:
                raise self.error(
                    inner, "plain keys", "the merge key '<<' of YAML 1.1", "put what links share under defaults.link"
                )
            if key in node.keys:
                first = node.keys[key]
                raise self.error(inner, "each key once", f"'{key}' again", f"first at {first}")
            node.keys[key] = self.place(inner)
            value[key] = self.node(next(self.events), depth + 1)
            node.size += value[key].size
            node.height = max(node.height, 1 + value[key].height)
        return node

    def plain_tag(self, event: Any, kind: str) -> None:
        if event.tag not in (None, "!", _CORE + kind):
            raise self.error(event, "plain YAML values", f"the tag {event.tag.replace(_CORE, '!!')}")
