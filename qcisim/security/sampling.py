"""What a random sample says about the rest, without replacement, by relative entropy: tight where errors are few."""

from __future__ import annotations

import math

from scipy import optimize

from qcisim.errors import require

SOURCE = "Hoeffding, J. Am. Stat. Assoc. 58, 13 (1963), Theorem 1 with Section 6"


def error_rate_of_rest(errors: float, sampled: float, rest: float, epsilon: float) -> float:
    """phi with Pr[error rate of the rest > phi] <= eps, at most 1/2: phi = (p (n+k) - m)/n, k D(m/k || p) = ln(1/eps).

    Of n + k rounds k are sampled at random without replacement and show m errors. For a fixed share p of errors among
    all, Pr[sample rate <= b] <= exp(-k D(b||p)), D the relative entropy (natural logarithm); p is the largest share
    that the sample does not exclude, whatever m was, and n phi the errors that this leaves to the rest.
    Arguments: ``errors`` m, ``sampled`` k, ``rest`` n. Source: `SOURCE`.
    """
    require(0.0 < epsilon < 1.0, f"failure probability {epsilon}: wanted in (0, 1)")
    require(errors >= 0.0, f"errors {errors}: a count cannot be negative")
    if sampled <= 0.0 or rest <= 0.0 or errors >= sampled / 2.0:
        return 0.5
    rate, exponent = errors / sampled, -math.log(epsilon) / sampled
    if relative_entropy(rate, 1.0 - 1e-15) <= exponent:
        return 0.5
    share = float(
        optimize.brentq(lambda p: relative_entropy(rate, p) - exponent, rate, 1.0 - 1e-15, xtol=1e-16, rtol=1e-13)
    )
    return min(0.5, (share * (rest + sampled) - errors) / rest)


def relative_entropy(seen: float, share: float) -> float:
    """D(b||p) = b ln(b/p) + (1-b) ln((1-b)/(1-p)) in nats; 0 where b = p."""
    if seen == share:
        return 0.0
    wrong = seen * math.log(seen / share) if seen > 0.0 else 0.0
    return wrong + (1.0 - seen) * (math.log1p(-seen) - math.log1p(-share))
