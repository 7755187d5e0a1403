"""Stars: end nodes with an arm each to one hub; a link between every two of them, made when a file is read.

    stars:
      arlon:                  # the links are arlon-a-b, arlon-a-c, arlon-b-c
        hub: hub
        arms:
          a: {fibre: {length_km: 45}}
          b: {fibre: {length_km: 87}}
          c: {fibre: {length_km: 20}}
        protocol: {block_s: 3600}       # and whatever else all its links share

The hub's time is divided equally, ``hub_share`` of the star being all of it. An entry of the same name under ``links``
overrides what the star says. `defaults.link` is not for them.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

from qcisim.errors import Place, ScenarioError, did_you_mean
from qcisim.simulation.scenario import Link
from qcisim.simulation.text import Node, merged, one_line
from qcisim.simulation.wording import fields

MOST_ENDS = 64
NOT_OF_A_STAR = ("between", "fibre", "free_space", "pair_source")


def expand(root: Node) -> frozenset[str]:
    """Put the links of all stars of ``root`` under its links, and take the stars away; the names of those links.

    Places stay those of the values, so that an error in a star is told at the star.

    Raises:
        ScenarioError: for a star that is none: without a hub, with fewer than two arms.
    """
    assert isinstance(root.value, dict)
    stars = root.value.pop("stars", None)
    if stars is None or stars.value is None:
        return frozenset()
    links = root.value.get("links")
    if links is None or links.value is None:
        links = Node(stars.place, {})
        root.keys.setdefault("links", stars.place)
    if not isinstance(links.value, dict):
        return frozenset()  # that is told by the validation
    made: dict[str, Node] = {}
    keys = dict(links.keys)
    for name, star in _mapping(stars, "stars", "a mapping of stars by id").items():
        for link_id, link in _links(name, star, f"stars.{name}", links.value).items():
            own = links.value.get(link_id)
            made[link_id] = link if own is None else merged(link, own)
            keys.setdefault(link_id, star.place)
    root.value["links"] = Node(links.place, links.value | made, keys)
    return frozenset(made)


def _links(name: str, star: Node, path: str, given: dict[str, Node]) -> dict[str, Node]:
    parts = _mapping(star, path, "a mapping with hub and arms")
    for field in NOT_OF_A_STAR:
        if field in parts:
            raise _error(star.keys[field], f"{path}.{field}", "no such field of a star: it has a hub and arms", "one")
    for field, place in star.keys.items():
        if field not in (known := fields(Link)):
            hint = did_you_mean(field, known) or f"known: {', '.join(k for k in known if k not in NOT_OF_A_STAR)}"
            raise _error(place, f"{path}.{field}", "a field of a star", f"'{field}'", hint)
    if "hub" not in parts:
        raise _error(star.place, f"{path}.hub", "the id of the node with the hub", "nothing")
    arms = _mapping(parts.get("arms", Node(star.place, None)), f"{path}.arms", "an arm for each end node")
    if not 2 <= len(arms) <= MOST_ENDS:
        raise _error(parts["arms"].place, f"{path}.arms", f"2 to {MOST_ENDS} end nodes", str(len(arms)))
    places, pairs = parts["arms"].keys, list(combinations(arms, 2))
    shared = {key: value for key, value in parts.items() if key not in ("arms", "hub_share")}
    share = parts.get("hub_share", Node(star.place, 1.0))
    if isinstance(share.value, int | float) and not isinstance(share.value, bool):
        share = Node(share.place, share.value / len(pairs))
    made: dict[str, Node] = {}
    for a, b in pairs:
        if (backwards := f"{name}-{b}-{a}") in given:
            raise _error(
                given[backwards].place, f"links.{backwards}", f"'{name}-{a}-{b}', as the arms are", f"'{backwards}'"
            )
        value: dict[str, Any] = {key: node.copy() for key, node in shared.items()}
        value["between"] = Node(places[a], [Node(places[a], a), Node(places[b], b)])
        value["arms"] = Node(parts["arms"].place, [arms[a].copy(), arms[b].copy()])
        value["hub_share"] = share.copy()
        made[f"{name}-{a}-{b}"] = Node(star.place, value, dict(star.keys))
    return made


def _mapping(node: Node, path: str, wanted: str) -> dict[str, Node]:
    if not isinstance(node.value, dict):
        got = "nothing" if node.value is None else "a list" if isinstance(node.value, list) else "a single value"
        raise _error(node.place, path, wanted, got)
    return node.value


def _error(place: Place, field: str, wanted: str, got: str, hint: str = "") -> ScenarioError:
    return ScenarioError(place, one_line(field), wanted, one_line(got), one_line(hint))
