"""Sources of pairs in Eve's hands, through whole programs: what the data show, what only an assumption stops."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from link_harness import LinkRun
from numpy.typing import NDArray
from pair_harness import pair_model

from qcisim.engine import Engine
from qcisim.quantum import bell_state
from qcisim.simulation.link_clicks import start_clicks_link
from qcisim.simulation.pair_links import PairLinkModel, born

Floats = NDArray[np.float64]
ZERO, ONE = np.diag([1.0, 0.0, 0.0, 0.0]), np.diag([0.0, 0.0, 0.0, 1.0])
EQUAL, UNEQUAL, CHANCE = np.eye(2) / 2.0, np.eye(2)[::-1] / 2.0, np.full((2, 2), 0.25)
STATES = {
    "product": ZERO,
    "mixture": 0.5 * (ZERO + ONE),
    "half": 0.75 * bell_state(0) + 0.25 * bell_state(1),
    "weak": 0.5 * (bell_state(0) + 0.5 * (ZERO + ONE)),
}


class Attacked(PairLinkModel):
    """A link whose owners plan with honest pairs, and whose coincidences follow a law of Eve's: [A, B, 2, 2]."""

    law: Floats

    def _law(self, t_s: Floats, planned_from_s: float | None) -> tuple[Floats, Floats]:
        probability, cells = super()._law(t_s, planned_from_s)
        return probability, np.broadcast_to(self.law, cells.shape) if planned_from_s is None else cells


def under(law: Floats, protocol: str) -> LinkRun:
    """One block of a second: coincidences as often as ever, settings and bits by ``law``, normalised."""
    usual = pair_model(protocol=protocol, duration_s=1.0)
    model = Attacked(**{f.name: getattr(usual, f.name) for f in fields(usual) if f.init and not f.name.startswith("_")})
    object.__setattr__(model, "law", law / law.sum())
    engine, run = Engine(), LinkRun(model)
    start_clicks_link(model, engine, 1.0, 1, run.report, run.stopped.append)
    engine.run()
    assert not run.stopped
    return run


def of_state(rho: Floats, protocol: str) -> Floats:
    model = pair_model(protocol=protocol)
    outcomes: Floats = born(rho[None].astype(complex), model.sifting.alice_deg, model.sifting.bob_deg)[0]
    return model.settings_law[:, :, None, None] * outcomes


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("protocol", ["bbm92", "e91"])
def test_a_substituted_source_gives_no_key(protocol: str, state: str) -> None:
    """|00>; |00> or |11>; pairs of which Eve knows a quarter of the phases; half honest, half |00> or |11>."""
    (block,) = under(of_state(STATES[state], protocol), protocol).reports
    assert block.clicks > 100_000
    assert block.length.bits == 0
    if state in ("product", "mixture") and protocol == "e91":
        assert dict(block.length.bounds)["chsh_upper"] < 2.0


def test_outcomes_fixed_beforehand_agree_always_and_make_no_key() -> None:
    """Both photons carry one answer to every question: no error in the key, S is 2.

    The errors of the key are not known, as nothing was reconciled; those of the CHSH rounds do not stand for them.
    """
    (block,) = under(np.broadcast_to(EQUAL, (3, 3, 2, 2)), "e91").reports
    assert block.errors == block.errors_out_of == 0
    assert dict(block.length.bounds)["chsh"] == pytest.approx(2.0, abs=0.01)
    assert block.length.bits == 0
    assert "not above 2" in block.length.reason


def test_a_source_that_blinds_one_basis_leaves_nothing_to_test() -> None:
    law = of_state(STATES["mixture"], "bbm92")
    law[1, 1] = 0.0
    (block,) = under(law, "bbm92").reports
    assert block.test_bits == 0
    assert block.length.bits == 0


def test_faked_states_are_stopped_by_nothing_but_the_assumption_that_names_them() -> None:
    """Detectors that click only in the basis Eve wants (Lydersen et al. 2010): she knows every bit, and no error shows.

    Key comes out, so the assumption must stand in the result.
    """
    model = pair_model()
    law = model.settings_law[:, :, None, None] * np.array([[EQUAL, CHANCE], [CHANCE, EQUAL]])
    run = under(law, "bbm92")
    (block,) = run.reports
    assert block.errors == 0 < block.errors_out_of
    assert block.length.bits > 0
    assert any("detectors respond to single photons" in text for text in run.model.protocol.assumptions)


def test_more_than_quantum_correlations_are_refused() -> None:
    """Coincidences at guessed settings alone (Pearle 1970): S = 4 without an error. No state does that."""
    law = np.array([[EQUAL, CHANCE, UNEQUAL], [EQUAL, EQUAL, CHANCE], [EQUAL, EQUAL, EQUAL]])
    run = under(law, "e91")
    (block,) = run.reports
    assert dict(block.length.bounds)["chsh"] == pytest.approx(4.0)
    assert block.length.bits == 0
    assert "not fair" in block.length.reason
    assert any("fair sampling" in text for text in run.model.protocol.assumptions)
