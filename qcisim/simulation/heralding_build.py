"""From the fields of a scenario to the link that heralds pairs: two arms, a station, the scheme, the pace."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qcisim.optics.heralding import Arm, Herald, Station, double_click, polarisation_click, single_click
from qcisim.optics.midpoint import midpoint_source
from qcisim.optics.pair_source import PairSource
from qcisim.quantum import bell_state
from qcisim.repeaters import ElementaryLink
from qcisim.simulation.heralding_spec import MiddleSource

if TYPE_CHECKING:
    from qcisim.simulation.equipment import Fibre as FibreSpec
    from qcisim.simulation.heralding_spec import Heralding


def build_herald(spec: Heralding, span: FibreSpec) -> Herald:
    """What one attempt gives over ``span``, and the mean time from one attempt to the next."""
    from qcisim.simulation.build import build_fibre

    fibre = build_fibre(span)
    shares = (spec.station_at, 1.0 - spec.station_at)
    arm_a, arm_b = (
        Arm(
            spec.efficiency[side],
            replace(fibre, length_km=share * fibre.length_km, connector_db=0.5 * fibre.connector_db),
            spec.double_excitation[side],
        )
        for side, share in enumerate(shares)
    )
    station = Station(spec.visibility, spec.dark_count_probability, spec.phase_rms_rad, spec.number_resolving)
    if spec.scheme == "single_click":
        herald = single_click(arm_a, arm_b, *spec.bright, station, preparation_s=spec.preparation_s)
    elif spec.scheme == "double_click":
        herald = double_click(arm_a, arm_b, station, preparation_s=spec.preparation_s, gap_s=spec.gap_s)
    elif spec.scheme == "midpoint_source":
        herald = _from_the_middle(spec, arm_a, arm_b)
    else:
        pair = bell_state(0)
        herald = polarisation_click(arm_a, arm_b, pair, pair, station, preparation_s=spec.preparation_s)
    herald = herald.of_emitters(*spec.emitted_fidelity)
    return replace(herald, attempt_s=herald.attempt_s / spec.duty_cycle)


def _from_the_middle(spec: Heralding, arm_a: Arm, arm_b: Arm) -> Herald:
    source = spec.source or MiddleSource()
    return midpoint_source(
        arm_a,
        arm_b,
        PairSource(0.5 * source.mean_pairs, source.pulse_rate_hz, source.fidelity),
        pulses=source.pulses,
        false_herald_probability=spec.dark_count_probability,
        preparation_s=spec.preparation_s,
    )


def build_span(spec: Heralding, span: FibreSpec) -> ElementaryLink:
    """One lane of a link."""
    from qcisim.simulation.build import build_fibre

    fibre = build_fibre(span)
    herald = build_herald(spec, span)
    eta = fibre.transmittance
    pulses = (spec.source or MiddleSource()).pulses if spec.scheme == "midpoint_source" else 1
    return ElementaryLink.of_herald(
        herald, fibre.length_km, group_index=fibre.group_index, transmittance=eta, uses=pulses
    )
