"""What a user can name of the terms of free space is in the registry, with ranges and sources."""

from __future__ import annotations

import pytest

import qcisim.optics.freespace as fs
from qcisim import registry

registry.load_all()
NAMES = {
    "beam": {"truncated", "gaussian", "flat", "measured"},
    "fading": {"none", "log_normal", "gamma_gamma", "weibull", "elliptic"},
    "atmosphere": {"secant", "kasten_young", "table", "hufnagel_valley", *(f"sky_{name}" for name in fs.SKIES)},
}


@pytest.mark.parametrize("kind", NAMES)
def test_everything_is_registered(kind: str) -> None:
    assert {entry.name for entry in registry.entries(kind)} >= NAMES[kind]
    for entry in registry.entries(kind):
        assert entry.source
        for parameter in entry.parameters:
            assert parameter.minimum <= parameter.good <= parameter.maximum


@pytest.mark.parametrize("name", ["log_normal", "gamma_gamma", "weibull", "elliptic"])
def test_a_fading_law_of_its_good_values_can_be_built(name: str) -> None:
    entry = registry.get("fading", name)
    assert entry.make is not None
    law = entry.make(**{parameter.name: parameter.good for parameter in entry.parameters})
    assert law.nodes(4)[0].shape == (4,)


def test_public_names_are_exported() -> None:
    for name in fs.__all__:
        assert getattr(fs, name).__doc__ or name == "SKIES"
