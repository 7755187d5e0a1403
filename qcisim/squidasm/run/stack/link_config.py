"""Configurations of links that make pairs; km, km/s, dB/km, ns."""

from __future__ import annotations

from qcisim.squidasm.run.stack.loadable import Integer, Number, YamlLoadable


class IQLinkConfig(YamlLoadable):
    """Base of the configurations of links."""


class PerfectQLinkConfig(IQLinkConfig):
    """Phi+ after ``state_delay``, or after ``length / speed_of_light``; 1000 ns where neither is given."""

    state_delay: Number | None = None
    length: Number | None = None
    speed_of_light: Number = 200_000.0


class DepolariseQLinkConfig(IQLinkConfig):
    """Werner pairs of ``fidelity``; attempts of ``t_cycle`` (or of ``length / speed_of_light``) until one succeeds."""

    fidelity: Number
    prob_success: Number
    t_cycle: Number | None = None
    length: Number | None = None
    speed_of_light: Number = 200_000.0
    random_bell_state: bool = False


class _Heralded(IQLinkConfig):
    """A midpoint that heralds pairs; values without _A and _B hold for the side that names none of its own."""

    length: Number | None = None
    """Both sides together."""
    p_loss_init: Number | None = None
    p_loss_length: Number | None = None
    speed_of_light: Number | None = None
    emission_fidelity: Number | None = None
    emission_duration: Number | None = None
    collection_efficiency: Number | None = None
    dark_count_probability: Number = 0.0
    detector_efficiency: Number = 1.0
    visibility: Number = 1.0
    num_resolving: bool = False
    length_A: Number | None = None
    p_loss_init_A: Number | None = None
    p_loss_length_A: Number | None = None
    speed_of_light_A: Number | None = None
    emission_fidelity_A: Number | None = None
    emission_duration_A: Number | None = None
    collection_efficiency_A: Number | None = None
    length_B: Number | None = None
    p_loss_init_B: Number | None = None
    p_loss_length_B: Number | None = None
    speed_of_light_B: Number | None = None
    emission_fidelity_B: Number | None = None
    emission_duration_B: Number | None = None
    collection_efficiency_B: Number | None = None


class HeraldedSingleClickQLinkConfig(_Heralded):
    """One click at the midpoint; bright-state parameter alpha = 1 - ``minimum_fidelity``."""

    minimum_fidelity: Number = 0.99


class HeraldedDoubleClickQLinkConfig(_Heralded):
    """Two clicks at the midpoint; coin_prob_*: both clicks fall into one coincidence window."""

    coin_prob_ph_ph: Number = 1.0
    coin_prob_ph_dc: Number = 1.0
    coin_prob_dc_dc: Number = 1.0
    num_multiplexing_modes: Integer = 1


class NVLinkConfig(IQLinkConfig):
    """The link of SquidASM up to 0.12: a single click between two NV centres."""

    length_A: Number
    length_B: Number
    full_cycle: Number
    cycle_time: Number
    alpha: Number
