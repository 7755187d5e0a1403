"""``--set links.redu-arlon.fibre.length_km=50``: values put into a scenario before it is validated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qcisim.errors import InputError, Place, ScenarioError, did_you_mean
from qcisim.simulation.text import Node, one_line, parse

_NAMED = ("nodes", "links", "demands", "saes", "pairs", "stars", "programs")


def apply(root: Node, overrides: Iterable[str]) -> None:
    """Put each ``KEY=VALUE`` into ``root``, in order; ``*`` stands for every entry of a mapping.

    Raises:
        InputError: where an override has no ``=``, an empty step, or names an entry that is not there.
    """
    for text in overrides:
        key, equals, value = text.partition("=")
        key = key.strip()
        if not equals or not key:
            raise InputError(f"--set {one_line(text)}: wanted KEY=VALUE, such as links.a-b.fibre.length_km=50")
        place = Place(f"--set {one_line(key)}")
        node = parse(value, place.path, empty_is_null=True)
        _stamp(node, place)
        steps = key.split(".")
        if "" in steps:
            raise _refusal(place, "names with single dots between them", f"'{key}'")
        if key.startswith("links.*.") and root.child("links") is None:
            continue  # that links are missing is told by the validation
        for parent in _parents(root, steps[:-1], place):
            _put(parent, steps[-1], node, place)


def _refusal(place: Place, wanted: str, got: str, hint: str = "") -> ScenarioError:
    return ScenarioError(place, "", one_line(wanted), one_line(got), one_line(hint))


def _stamp(node: Node, place: Place) -> None:
    node.place = place
    node.keys = dict.fromkeys(node.keys, place)
    children = (
        node.value.values() if isinstance(node.value, dict) else node.value if isinstance(node.value, list) else ()
    )
    for child in children:
        _stamp(child, place)


def _parents(root: Node, steps: list[str], place: Place) -> Iterator[Node]:
    nodes, trail = [root], ""
    for step in steps:
        below: list[Node] = []
        for node in nodes:
            if isinstance(node.value, dict):
                below += list(node.value.values()) if step == "*" else [_entry(node, step, trail, place)]
            elif isinstance(node.value, list):
                below.append(node.value[_index(node.value, step, place)])
            else:
                raise ScenarioError(
                    place, "", f"a section to put '{step}' into", f"{trail or 'the file'} is a single value"
                )
        nodes, trail = below, f"{trail}.{step}".lstrip(".")
    yield from nodes


def _entry(node: Node, step: str, trail: str, place: Place) -> Node:
    """The child mapping; sections that are absent are made, entries of nodes, links, ... are not."""
    assert isinstance(node.value, dict)
    child = node.value.get(step)
    if child is None and trail in _NAMED:
        hint = did_you_mean(step, node.value) or f"there are: {', '.join(node.value)}"
        raise _refusal(place, f"an entry of {trail}", f"'{step}'", hint)
    if child is None or child.value is None:
        child = Node(place, {})
        node.value[step] = child
        node.keys.setdefault(step, place)
    elif isinstance(child.value, str) and step == "detector":
        child = Node(child.place, {"preset": child}, {"preset": child.place})
        node.value[step] = child
    return child


def _put(parent: Node, step: str, node: Node, place: Place) -> None:
    if isinstance(parent.value, dict):
        for key in list(parent.value) if step == "*" else [step]:
            parent.value[key] = node.copy()
            parent.keys[key] = place
    elif isinstance(parent.value, list):
        parent.value[_index(parent.value, step, place)] = node.copy()
    else:
        raise _refusal(place, f"a section to put '{step}' into", "a single value")


def _index(items: list[Node], step: str, place: Place) -> int:
    if not step.isdecimal() or int(step) >= len(items):
        raise _refusal(place, f"an index from 0 to {len(items) - 1}", f"'{step}'")
    return int(step)
