"""Terminals and links refuse what cannot be, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from qcisim import registry
from qcisim.errors import PhysicsError
from qcisim.optics import Detector, Pulse, Receiver
from qcisim.optics.freespace.beam import MeasuredBeam
from qcisim.optics.freespace.link import FreeSpaceLink
from qcisim.optics.freespace.terminals import Atmosphere, LossTable, Sky, Telescope, Transmitter
from qcisim.optics.orbit import CircularOrbit, Epoch, GroundStation

EPOCH = Epoch.parse("2026-06-21T22:00:00Z")
PARTS = (
    CircularOrbit(600.0, 97.8, 40.0, 10.0, EPOCH),
    GroundStation(49.7, 6.1, 300.0),
    EPOCH,
    Transmitter(0.15),
    Telescope(0.6),
    Atmosphere(),
    Sky(),
    Receiver(Detector(0.5, 25.0, gate_s=1e-9)),
    1e8,
    Pulse(850.0),
)
LINK = FreeSpaceLink(*PARTS)
FAR = MeasuredBeam(np.array([0.0, 1e-5]), np.array([1.0, 0.0]))


def table(ranges: list[float], losses: list[float]) -> LossTable:
    return LossTable(np.array(ranges), np.array(losses))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Transmitter(0.0), "aperture_m 0"),
        (lambda: Transmitter(0.1, "gausian"), "did you mean 'gaussian'"),
        (lambda: Transmitter(0.1, efficiency=1.2), "cannot amplify"),
        (lambda: Transmitter(0.1, jitter_rad=-1e-6), "jitter_rad"),
        (lambda: Transmitter(0.1, waist_m=-0.1), "waist_m"),
        (lambda: Transmitter(0.1, "flat", divergence_full_rad=2.0), "full angle in rad"),
        (lambda: Transmitter(0.1, divergence_full_rad=1e-5), "follows from aperture_m and waist_m"),
        (lambda: Transmitter(0.1, "gaussian"), "either waist_m or divergence_full_rad"),
        (lambda: Transmitter(0.1, "gaussian", 0.05, 1e-5), "either waist_m or divergence_full_rad"),
        (lambda: Transmitter(0.1, "flat"), "wanted divergence_full_rad"),
        (lambda: Transmitter(0.1, "flat", 0.05, 1e-5), "no waist_m"),
        (lambda: Transmitter(0.1, "measured"), "far_field missing"),
        (lambda: Transmitter(0.1, far_field=FAR), "far_field of a truncated beam"),
        (lambda: Transmitter(0.1, "measured", 0.05, far_field=FAR), "in its far field"),
        (lambda: Transmitter(0.1, obstruction=1.0), "obstruction 1"),
        (lambda: Transmitter(0.1, adaptive_modes=0), "adaptive_modes 0"),
        (lambda: Telescope(-1.0), "aperture_m -1"),
        (lambda: Telescope(1.0, 1.1), "obstruction 1.1"),
        (lambda: Telescope(1.0, efficiency=0.0), "cannot amplify"),
        (lambda: Telescope(1.0, field_of_view_full_rad=1.0), "full angle"),
        (lambda: Telescope(1.0, adaptive_modes=0), "from 1"),
        (lambda: Atmosphere(1.1), "air cannot amplify"),
        (lambda: Atmosphere(airmass="kasten-young"), "did you mean 'kasten_young'"),
        (lambda: Atmosphere(fading="lognormal"), "did you mean 'log_normal'"),
        (lambda: Atmosphere(fading_nodes=0), "fading_nodes 0"),
        (lambda: Sky(-1.0), "night_radiance_w_per_m2_um_sr -1"),
        (lambda: table([500.0, 400.0], [30.0, 31.0]), "rise from row to row"),
        (lambda: table([500.0], [-1.0]), "cannot amplify"),
        (lambda: table([500.0], [1.0, 2.0]), "equal length"),
        (lambda: table([], []), "one row"),
        (lambda: replace(LINK, loss_table=((1.0, 2.0),)), "wanted ranges and losses"),
        (lambda: replace(LINK, direction="sideways"), "wanted 'down' or 'up'"),
        (lambda: replace(LINK, clock_hz=0.0), "clock_hz 0"),
        (lambda: replace(LINK, clock_hz=5e9), "longer than a round"),
        (lambda: replace(LINK, frame_residual_rad=-1.0), "frame_residual_rad"),
        (lambda: replace(LINK, interferometer_delay_s=0.0), "interferometer_delay_s"),
    ],
)
def test_refusals(make: Callable[[], object], words: str) -> None:
    with pytest.raises(PhysicsError, match=words):
        make()


def test_the_registry_makes_links() -> None:
    """Names a user can give; orbits are imported only when a link is made."""
    registry.load_all()
    down = registry.get("link", "downlink").make
    up = registry.get("link", "uplink").make
    crosslink = registry.get("link", "intersatellite").make
    assert down is not None
    assert up is not None
    assert crosslink is not None
    assert down(*PARTS).direction == "down"
    assert up(*PARTS).direction == "up"
    other = CircularOrbit(600.0, 97.8, 40.0, 20.0, EPOCH)
    made = crosslink(PARTS[0], other, EPOCH, PARTS[3], PARTS[4], PARTS[7], 1e8)
    assert made.states(np.zeros(1)).transmittance[0] > 0.0
    for name in ("downlink", "uplink", "intersatellite"):
        entry = registry.get("link", name)
        assert entry.source
        assert entry.domain
        assert all(p.minimum <= p.good <= p.maximum for p in entry.parameters)
