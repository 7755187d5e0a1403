"""Small scenarios in space, and how to change them."""

from __future__ import annotations

from qcisim.simulation.load import load_scenario
from qcisim.simulation.scenario import Scenario

MICIUS = """
title: one pass of a real satellite
start_utc: 2016-12-19T16:30:00Z
duration_s: 3600
resolution: counts
nodes:
  micius:
    role: trusted
    satellite:
      orbit:
        kind: tle
        line1: "1 41731U 16051A   16354.56913372  .00000384  00000-0  18801-4 0  9991"
        line2: "2 41731  97.3698 268.1064 0013349 175.8929 309.0190 15.23916091 19164"
  xinglong:
    {lat: 40.39586667, lon: 117.5774583, station: {altitude_m: 893, minimum_elevation_deg: 10, cloud_fraction: 0}}
links:
  micius-xinglong:
    between: [micius, xinglong]
    free_space:
      transmitter: {aperture_m: 0.3, beam: flat, divergence_full_rad: 10e-6, jitter_rad: 0.6e-6}
      telescope: {aperture_m: 1.0, efficiency: 0.16}
      atmosphere: {zenith_transmittance: 0.7}
      maximum_range_km: 1200
    source:
      {clock_hz: 1e8, intensities: [0.8, 0.1, 0.0], probabilities: [0.5, 0.25, 0.25], key_basis_probability: 0.5,
       pulse: {wavelength_nm: 848.6, fwhm_s: 2e-10}}
    receiver: {detector: {preset: si_apd, gate_s: 2e-9}, key_basis_probability: 0.5, insertion_loss_db: 0}
    protocol: {epsilon_secret: 1e-9}
"""

RELAY = """
title: two stations and a trusted satellite
start_utc: 2027-03-20T12:00:00Z
duration_s: 172800
resolution: counts
nodes:
  sat: {role: trusted, satellite: {orbit: {kind: sun_synchronous, altitude_km: 600, local_time_ascending_node_h: 22.5}}}
  north: {lat: 55.0, lon: 10.0, station: {cloud_fraction: 0}}
  south: {lat: 38.0, lon: 15.0, station: {cloud_fraction: 0}}
defaults:
  link:
    free_space: {transmitter: {aperture_m: 0.15}, telescope: {aperture_m: 1.0, efficiency: 0.5}}
    source: {clock_hz: 1e8, pulse: {wavelength_nm: 850}}
    receiver: {detector: {preset: si_apd, gate_s: 1e-9}}
links:
  sat-north: {between: [sat, north]}
  sat-south: {between: [sat, south]}
demands:
  d: {from: north, to: south, keys_per_s: 0.01}
key_managers: {max_key_count: 20000}
"""


def micius(*overrides: str) -> Scenario:
    """One pass over one station."""
    return load_scenario(MICIUS, overrides)


def relay(*overrides: str) -> Scenario:
    """Two stations, one satellite, two days."""
    return load_scenario(RELAY, overrides)
