"""From a scenario to orbits, stations and links through free space."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from qcisim.optics import Pulse, Receiver
from qcisim.quantum import Channel
from qcisim.simulation import space
from qcisim.simulation.scenario import Node, Scenario

if TYPE_CHECKING:
    from qcisim.optics.freespace.terminals import Atmosphere, LossTable, Sky, Transmitter
    from qcisim.optics.orbit import Epoch, GroundStation
    from qcisim.optics.orbit import Orbit as OrbitLike
    from qcisim.simulation.link_model import AnyLink, AnySource


def epoch_of(scenario: Scenario) -> Epoch:
    """UTC of the start of the run."""
    from qcisim.optics.orbit import Epoch

    return Epoch.parse(scenario.start_utc)


def orbit_of(spec: space.Orbit, epoch: Epoch) -> OrbitLike:
    """The orbit of a satellite; elements of circular orbits hold at the start of the run."""
    from qcisim.optics.orbit import CircularOrbit, TwoLineElements, geostationary, sun_synchronous

    if spec.kind == "tle":
        return TwoLineElements(spec.line1, spec.line2)
    if spec.kind == "circular":
        return CircularOrbit(
            spec.altitude_km, spec.inclination_deg, spec.raan_deg, spec.argument_of_latitude_deg, epoch
        )
    if spec.kind == "sun_synchronous":
        return sun_synchronous(spec.altitude_km, spec.local_time_ascending_node_h, spec.argument_of_latitude_deg, epoch)
    return geostationary(spec.longitude_deg, epoch)


def station_of(node: Node) -> GroundStation:
    """The optical ground station at a node."""
    from qcisim.optics.orbit import GroundStation

    assert node.station is not None  # the scenario refuses a free-space link without one
    lat_deg, lon_deg = node.coordinates
    return GroundStation(lat_deg, lon_deg, node.station.altitude_m, node.station.minimum_elevation_deg)


def free_space(
    scenario: Scenario, link_id: str, source: AnySource, receiver: Receiver, pulse: Pulse
) -> Callable[[Channel | None], AnyLink]:
    """Makes the link through free space with or without Eve: down, up, or between two satellites."""
    spec = scenario.links[link_id].free_space
    assert spec is not None
    return lambda eve: free_space_link(
        scenario, scenario.links[link_id].between, spec, source.clock_hz, receiver, pulse, eve
    )


def free_space_link(
    scenario: Scenario,
    between: tuple[str, str],
    spec: space.FreeSpace,
    clock_hz: float,
    receiver: Receiver,
    pulse: Pulse,
    eve: Channel | None = None,
) -> AnyLink:
    """The link of ``spec`` from the first node of ``between`` to the second."""
    from qcisim.optics.freespace.intersatellite import InterSatelliteLink
    from qcisim.optics.freespace.link import FreeSpaceLink
    from qcisim.optics.freespace.terminals import Telescope

    epoch = epoch_of(scenario)
    sender, target = (scenario.nodes[node] for node in between)
    transmitter, telescope = _transmitter(spec.transmitter), Telescope(**spec.telescope.model_dump())
    if sender.satellite is not None and target.satellite is not None:
        orbits = orbit_of(sender.satellite.orbit, epoch), orbit_of(target.satellite.orbit, epoch)
        return InterSatelliteLink(
            *orbits,
            epoch,
            transmitter,
            telescope,
            receiver,
            clock_hz,
            pulse,
            encoding=spec.encoding,
            frame_compensated=spec.frame_compensated,
            frame_residual_rad=spec.frame_residual_rad,
            minimum_grazing_altitude_km=spec.minimum_grazing_altitude_km,
            interferometer_delay_s=spec.interferometer_delay_s,
            attack=eve,
        )
    down = sender.satellite is not None
    satellite, ground = (sender, target) if down else (target, sender)
    assert satellite.satellite is not None  # the scenario refuses free space without a satellite
    assert ground.station is not None  # and without a station
    return FreeSpaceLink(
        orbit_of(satellite.satellite.orbit, epoch),
        station_of(ground),
        epoch,
        transmitter,
        telescope,
        _atmosphere(spec.atmosphere, ground.station.altitude_m),
        _sky(spec.sky),
        receiver,
        clock_hz,
        pulse,
        direction="down" if down else "up",
        encoding=spec.encoding,
        frame_compensated=spec.frame_compensated,
        frame_residual_rad=spec.frame_residual_rad,
        loss_table=_loss_table(spec.loss_table),
        interferometer_delay_s=spec.interferometer_delay_s,
        attack=eve,
    )


def _transmitter(spec: space.Transmitter) -> Transmitter:
    from qcisim.optics.freespace.beam import MeasuredBeam
    from qcisim.optics.freespace.terminals import Transmitter

    values = spec.model_dump(exclude={"divergence_half_rad", "far_field"}) | {"divergence_full_rad": spec.full_rad}
    table = spec.far_field
    beam = None if table is None else MeasuredBeam(np.array(table.angle_rad), np.array(table.relative_intensity))
    return Transmitter(**values, far_field=beam)


def _atmosphere(spec: space.Atmosphere, altitude_m: float) -> Atmosphere:
    """The air above a station; its ground layer begins at the station."""
    from qcisim.optics.freespace.extinction import TransmittanceTable
    from qcisim.optics.freespace.profile import HufnagelValley
    from qcisim.optics.freespace.terminals import Atmosphere

    apart = {"rms_wind_m_per_s", "ground_cn2", "fading_coherence_s", "transmittance_table"}
    given = spec.transmittance_table
    table = None
    if given is not None:
        table = TransmittanceTable(np.array(given.elevation_deg), np.array(given.transmittance))
    profile = HufnagelValley(spec.rms_wind_m_per_s, spec.ground_cn2, max(0.0, altitude_m))
    return Atmosphere(**spec.model_dump(exclude=apart), profile=profile, transmittance_table=table)


def _sky(spec: space.Sky) -> Sky:
    from qcisim.optics.freespace.terminals import Sky

    return Sky(**spec.model_dump())


def _loss_table(spec: space.LossTable | None) -> LossTable | None:
    from qcisim.optics.freespace.terminals import LossTable

    if spec is None:
        return None
    return LossTable(np.array(spec.range_km), np.array(spec.loss_excl_detector_db), spec.source)
