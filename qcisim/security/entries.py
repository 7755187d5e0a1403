"""The registry entries of this room: bounds, attacks and policies."""

from __future__ import annotations

from functools import partial

from qcisim.registry import Entry, register
from qcisim.security.lim2014 import Lim2014

for _chernoff in (False, True):
    for _capped in (False, True):
        _bound = Lim2014(chernoff=_chernoff, capped=_capped)
        register(
            Entry(
                kind="bound",
                name=_bound.name,
                summary="Decoy BB84 with three intensities, finite key, coherent attacks",
                models="vacuum and single-photon contributions by two decoys, phase error by random sampling, "
                + ("Chernoff" if _chernoff else "Hoeffding")
                + " intervals"
                + (", single-photon test errors capped at the observed total" if _capped else ""),
                ignores="side channels of the devices, imperfect phase randomisation, intensity fluctuations, "
                "basis-dependent detection efficiency",
                domain="three intensities with mu1 > mu2 + mu3 and mu2 > mu3 >= 0; any block size, short ones give 0",
                source=_bound.theorem,
                facts=(
                    ("attack_class", "coherent"),
                    ("post_processing", "one-way; two-way reconciliation with the error pattern public"),
                    ("optimised_over", "nothing; intensities and basis bias by qcisim.security.optimise"),
                    ("uses_of_epsilon", "21"),
                ),
                make=partial(Lim2014, chernoff=_chernoff, capped=_capped),
            )
        )
