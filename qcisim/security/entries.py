"""The registry entries of this room: bounds, attacks and policies."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from qcisim.registry import Entry, Parameter, register
from qcisim.security.acceptance import VARIABLE_LENGTH_THEOREM, VariableLengthRule
from qcisim.security.asymptotic import Asymptotic
from qcisim.security.attacks import breidbart, intercept_resend
from qcisim.security.bound import Bound
from qcisim.security.lim2014 import Lim2014
from qcisim.security.planning import plan_length
from qcisim.security.rusca2018 import Rusca2018
from qcisim.security.tomamichel2012 import Tomamichel2012
from qcisim.security.wiesemann2024 import Wiesemann2024

_DEVICES = (
    "side channels of the devices, imperfect phase randomisation, intensity fluctuations, detection efficiency that "
    "depends on the basis or on the bit"
)
_TWO_WAY = "one-way; two-way reconciliation with the error pattern public"
_BY_OPTIMISE = "intensities, their probabilities and the basis bias, where asked for (qcisim.security.optimise)"


def _register_bound(
    make: Callable[[], Bound],
    summary: str,
    models: str,
    domain: str,
    *,
    attacks: str,
    settings: str,
    ignores: str,
    finite: str = "yes",
) -> None:
    made = make()
    register(
        Entry(
            kind="bound",
            name=made.name,
            summary=summary,
            models=models,
            ignores=ignores,
            domain=domain,
            source=made.theorem,
            facts=(
                ("attack_class", attacks),
                ("post_processing", _TWO_WAY),
                ("optimised_over", _BY_OPTIMISE),
                ("settings", settings),
                ("finite_size", finite),
                ("uses_of_epsilon", "; ".join(name for name, _ in made.epsilon_shares(1e-10))),
                ("length_policy", "fixed only" if made.fixed_length_only else "fixed or variable"),
            ),
            make=make,
        )
    )


for _chernoff in (False, True):
    for _capped in (False, True):
        _register_bound(
            partial(Lim2014, chernoff=_chernoff, capped=_capped),
            "Decoy BB84 with three intensities, finite key, "
            + ("Chernoff intervals" if _chernoff else "Hoeffding intervals")
            + (", test errors capped" if _capped else ""),
            "vacuum and single-photon detections by two decoys with "
            + ("Chernoff" if _chernoff else "Hoeffding")
            + " intervals, phase error by random sampling (with few errors by the tail behind its formula)"
            + ("; single-photon test errors capped at the observed errors" if _capped else ""),
            "three intensities with mu1 > mu2 + mu3 and mu2 > mu3 >= 0; any block size, short ones give 0",
            attacks="coherent",
            settings="3",
            ignores=_DEVICES,
        )
_register_bound(
    Rusca2018,
    "Decoy BB84 with two intensities, finite key",
    "vacuum and single-photon detections by one decoy with Hoeffding intervals; key-basis errors bound the vacuum",
    "two intensities with mu1 > mu2 > 0; the errors of the key basis per intensity, known after verification",
    attacks="coherent",
    settings="2",
    ignores=_DEVICES + "; the vacuum bound takes the better of two intensities at the price of one, as its source does",
)
_register_bound(
    Wiesemann2024,
    "Decoy BB84 with two intensities, finite key, consolidated proof",
    "as Rusca 2018 without the vacuum contribution, sampling term of Serfling type, counts clipped to the observed",
    "two intensities with mu1 > mu2 > 0; the errors of the key basis per intensity, known after verification",
    attacks="coherent",
    settings="2",
    ignores=_DEVICES,
)
_register_bound(
    Tomamichel2012,
    "BB84 with single photons, finite key",
    "smooth entropies by the uncertainty relation, test sample without replacement (Serfling)",
    "single photons in one setting; a tolerated error rate fixed before the block",
    attacks="coherent",
    settings="1",
    ignores=_DEVICES + "; more than one photon in a pulse",
)
_register_bound(
    Asymptotic,
    "What the finite-key bounds tend to for infinitely long blocks",
    "one setting: single photons; two: one decoy; three: two decoys; no statistical deviation at all",
    "planning and comparison; not a claim about any finite block",
    attacks="coherent in the limit of infinitely long blocks",
    settings="3, 2 or 1",
    finite="no, the limit of infinitely long blocks",
    ignores=_DEVICES + "; every finite-size effect",
)

_EVE_IGNORES = (
    "what several photons of a pulse tell her: each is measured and resent on its own, so multi-photon pulses err too. "
    "These statistics are kinder to the defender than an Eve who splits such pulses without an error; the decoy bounds "
    "do not lean on them, they give her every multi-photon pulse"
)
_FRACTION = Parameter("fraction", "1", 0.0, 1.0, 0.1, "share of the signals that Eve attacks")
register(
    Entry(
        kind="attack",
        name="intercept_resend",
        summary="Eve measures a share of the signals in a random basis and resends what she found",
        models="the channel of measuring and resending: QBER fraction/4, information fraction/2 per sifted bit",
        ignores=_EVE_IGNORES,
        domain="fraction in [0, 1]; BB84 has no key from 0.3925 on at f = 1.16",
        source="Bennett, Brassard, Proc. IEEE Int. Conf. Computers, Systems and Signal Processing, 175 (1984)",
        parameters=(_FRACTION,),
        facts=(("attack_class", "individual"), ("assumption_violated", "none: the bound covers it")),
        make=intercept_resend,
    )
)
register(
    Entry(
        kind="attack",
        name="breidbart",
        summary="Eve measures a share of the signals halfway between the two bases and resends",
        models="the channel of measuring and resending: QBER fraction/4, guess 85.4 % of the bits at fraction 1",
        ignores=_EVE_IGNORES,
        domain="fraction in [0, 1]",
        source="Bennett, Bessette, Brassard, Salvail, Smolin, J. Cryptol. 5, 3 (1992), Sec. 4",
        parameters=(_FRACTION,),
        facts=(("attack_class", "individual"), ("assumption_violated", "none: the bound covers it")),
        make=breidbart,
    )
)
register(
    Entry(
        kind="policy",
        name="fixed_length",
        summary="Length, leakage cap and acceptance set are fixed before the block is seen",
        models="accept when the leakage is within its cap and the bound on the counts reaches the length, else no key",
        ignores="the bits that a good block would have given beyond its fixed length",
        domain="any bound; the length comes from the counts that the link model expects",
        source="the fixed-length theorem of the bound in use",
        parameters=(
            Parameter("acceptance_probability", "1", 0.5, 0.999999, 0.999, "share of honest blocks that are accepted"),
        ),
        make=plan_length,
    )
)
register(
    Entry(
        kind="policy",
        name="variable_length",
        summary="The length follows the observed counts",
        models="the bound evaluated on the counts and the leakage of the block",
        ignores="the difference between the cited theorems' constants and those of the bound in use",
        domain="bounds that do not fix their tolerances before the block",
        source=VARIABLE_LENGTH_THEOREM,
        make=VariableLengthRule,
    )
)
