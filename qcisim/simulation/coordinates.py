"""Latitude and longitude the wrong way round: noticed where a node says which country it is in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from qcisim.simulation.fields import Problem

if TYPE_CHECKING:
    from qcisim.simulation.scenario import Scenario

# Latitude from, to, longitude from, to in deg, rounded outwards to whole degrees, islands in and near Europe included;
# overseas territories are outside and never refused.
EXTENT = {
    "AT": (46, 50, 9, 18),
    "BE": (49, 52, 2, 7),
    "BG": (41, 45, 22, 29),
    "CH": (45, 48, 5, 11),
    "CN": (18, 54, 73, 135),
    "CY": (34, 36, 32, 35),
    "CZ": (48, 52, 12, 19),
    "DE": (47, 56, 5, 16),
    "DK": (54, 58, 8, 16),
    "EE": (57, 60, 21, 29),
    "ES": (27, 44, -19, 5),
    "FI": (59, 71, 19, 32),
    "FR": (41, 52, -6, 10),
    "GB": (49, 61, -9, 2),
    "GR": (34, 42, 19, 30),
    "HR": (42, 47, 13, 20),
    "HU": (45, 49, 16, 23),
    "IE": (51, 56, -11, -5),
    "IT": (35, 48, 6, 19),
    "LT": (53, 57, 20, 27),
    "LU": (49, 51, 5, 7),
    "LV": (55, 59, 20, 29),
    "MT": (35, 37, 14, 15),
    "NL": (50, 54, 3, 8),
    "NO": (57, 72, 4, 32),
    "PL": (48, 55, 14, 25),
    "PT": (30, 43, -32, -6),
    "RO": (43, 49, 20, 30),
    "SE": (55, 70, 10, 25),
    "SI": (45, 47, 13, 17),
    "SK": (47, 50, 16, 23),
}


def swapped_coordinates(scenario: Scenario) -> Iterator[Problem]:
    """Nodes that lie in their country only when latitude and longitude change places."""
    for key, node in scenario.nodes.items():
        if node.country not in EXTENT or node.lat is None or node.lon is None:
            continue
        if not _inside(node.country, node.lat, node.lon) and _inside(node.country, node.lon, node.lat):
            hint = f"swapped it is in {node.country}: are lat and lon the wrong way round?"
            got = f"lat {node.lat:g} and lon {node.lon:g}"
            yield Problem(("nodes", key, "lat"), f"a place in {node.country}, as the node says", got, hint)


def _inside(country: str, lat_deg: float, lon_deg: float) -> bool:
    south, north, west, east = EXTENT[country]
    return south <= lat_deg <= north and west <= lon_deg <= east
