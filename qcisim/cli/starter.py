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
  b-c: {between: [b, c], fibre: {length_km: 40, status: illustrative}}

demands:                  # keys are relayed over trusted nodes, each hop under a one-time pad
  office: {from: a, to: c, keys_per_s: 5, key_bits: 256, sector: government}

saes:                     # applications that fetch keys (ETSI GS QKD 014), each at its node
  SAE_A: {node: a}
  SAE_C: {node: c}
"""


def starter(name: str) -> str:
    """A scenario called ``name``."""
    return _TEXT.replace("@FILE@", name)
