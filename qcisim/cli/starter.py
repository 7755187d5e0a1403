"""The text of a scenario to start from. A test validates and runs it."""

from __future__ import annotations

_TEXT = """\
# A scenario: sites, the links between them, and who asks for keys.
# Run it:        qcisim run @FILE@.yaml
# Change values: qcisim run @FILE@.yaml --set links.a-b.fibre.length_km=80 --seed 2
# All fields:    qcisim schema          What a name means: qcisim explain snspd

title: @FILE@
duration_s: 20            # simulated time
resolution: counts        # clicks: every detection, real bits; counts: exact block statistics; rates: expected values

nodes:                    # WGS84 degrees; role end (default), trusted (relays keys, so it could read them) or hub
  a: {name: North, lat: 50.85, lon: 4.35, country: BE}
  b: {name: Relay, lat: 50.47, lon: 4.87, country: BE, role: trusted}
  c: {name: South, lat: 50.00, lon: 5.15, country: BE}

defaults:                 # what all links share; a link overrides any of it
  link:
    source: {clock_hz: 1e9, intensities: [0.5, 0.1, 0.0], probabilities: [0.7, 0.2, 0.1], key_basis_probability: 0.9}
    receiver: {detector: snspd, key_basis_probability: 0.9, misalignment_error: 0.01}
    protocol: {name: bb84, bound: lim2014, epsilon_secret: 1e-10, epsilon_correct: 1e-15, block_s: 10}

links:                    # the first node sends, the second receives; status says how the length is known
  a-b: {between: [a, b], fibre: {length_km: 60, status: illustrative, attenuation_db_per_km: 0.22, connector_db: 1.5}}
  b-c: {between: [b, c], fibre: {length_km: 80, status: illustrative}}

demands:                  # keys are relayed over trusted nodes, each hop under a one-time pad
  office: {from: a, to: c, keys_per_s: 5, key_bits: 256, sector: government}

saes:                     # applications that fetch keys (ETSI GS QKD 014), each at its node
  SAE_A: {node: a}
  SAE_C: {node: c}
"""


_SPACE = """\
# Two ground stations and a satellite that relays keys between them. Run it:  qcisim run @FILE@.yaml
#
# Its passes:    qcisim passes @FILE@.yaml --days 2          Another sky:  qcisim run @FILE@.yaml --seed 2
# All fields:    qcisim schema          What a mapping holds:  qcisim explain free_space

title: @FILE@
start_utc: 2027-06-01T12:00:00Z
duration_s: 259200        # three days
resolution: counts        # clicks: every detection, real bits; counts: exact block statistics; rates: expected values

nodes:
  sat:
    role: trusted         # relays keys, so it could read them
    satellite:            # or orbit: {kind: tle, line1: ..., line2: ...} for a real one
      orbit: {kind: sun_synchronous, altitude_km: 600, local_time_ascending_node_h: 22.5}
      storage_bits: 1e9   # key that it can keep on board
  north:
    {name: North, lat: 55.7, lon: 12.6, country: DK, station: {altitude_m: 50, minimum_elevation_deg: 20}}
  south:                  # cloud_fraction: a number, or twelve from January on; a climatology where nothing is said
    {name: South, lat: 37.9, lon: 23.7, country: GR, station: {altitude_m: 300, cloud_fraction: 0.3}}

defaults:                 # what all links share; a link overrides any of it
  link:
    free_space:
      transmitter: {aperture_m: 0.15, efficiency: 0.8, jitter_rad: 1e-6}
      telescope: {aperture_m: 0.8, obstruction: 0.3, efficiency: 0.5}
      atmosphere: {zenith_transmittance: 0.8}
    source: {clock_hz: 1e8, pulse: {wavelength_nm: 850}}
    receiver: {detector: {preset: si_apd, gate_s: 1e-9}, misalignment_error: 0.01}
    protocol: {name: bb84, bound: lim2014_chernoff, epsilon_secret: 1e-10, epsilon_correct: 1e-15}

links:                    # downlinks: the first node sends, the second receives
  sat-north: {between: [sat, north]}
  sat-south: {between: [sat, south]}

demands:
  office: {from: north, to: south, keys_per_s: 0.005, key_bits: 256, sector: government}

saes:                     # applications that fetch keys (ETSI GS QKD 014), each at its node
  SAE_N: {node: north}
  SAE_S: {node: south}
"""


def starter(name: str, *, space: bool = False) -> str:
    """A scenario called ``name``: on fibre, or with a satellite."""
    return (_SPACE if space else _TEXT).replace("@FILE@", name)
