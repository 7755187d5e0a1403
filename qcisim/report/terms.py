"""Terms: how the length of a link's key comes about, in bits."""

from __future__ import annotations

import math

from markupsafe import Markup

from qcisim.report.bars import Step, cascade
from qcisim.report.numbers import DOWN, NEAREST, scaled
from qcisim.report.view import LinkView
from qcisim.report.waterfall import plain


def terms_add_up(link: LinkView) -> bool:
    """Whether the terms are those of the whole key: their sum exceeds it by less than one bit a block."""
    return (
        -1.0
        <= math.fsum(link.terms.values()) - link.secret_bits
        <= max(1, link.blocks_accepted) + 1e-9 * link.secret_bits
    )


def key_terms(link: LinkView, title: str, name: str) -> Markup | None:
    """Signed contributions to the key length, running to the secret key; None where there are none."""
    if not link.terms:
        return None
    steps = [Step(plain(term), bits, "good" if bits >= 0 else "bad") for term, bits in link.terms.items()]
    if terms_add_up(link):
        steps.append(Step("secret key", link.secret_bits, "ink", total=True))
    else:
        steps.append(Step("sum of the terms", math.fsum(link.terms.values()), "ink", total=True))
    spoken = ", ".join(f"{step.name} {_signed(step.value)}" for step in steps)
    largest = max(abs(step.value) for step in steps)
    unit, size = next(((u, s) for u, s in (("Gbit", 1e9), ("Mbit", 1e6), ("kbit", 1e3)) if largest >= s), ("bit", 1.0))
    return cascade(
        [Step(step.name, step.value / size, step.role, step.total) for step in steps],
        name,
        f"Key length of {title}: {spoken}",
        axis=f"bits, in {unit}" if unit != "bit" else "bits",
        value_text=lambda value: _signed(value * size),
    )


def _signed(bits: float) -> str:
    return f"{'+' if bits > 0 else ''}{scaled(bits, 'bit', DOWN if bits > 0 else NEAREST)}"
