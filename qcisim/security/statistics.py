"""Concentration bounds: what an observed count says about an expectation, at a stated failure probability.

Logarithms are natural here, except in `sampling_gamma`, which mixes log2 with an explicit ln 2 as its source does.
"""

from __future__ import annotations

import math

from scipy import special

from qcisim.errors import PhysicsError, require


def _require_epsilon(epsilon: float) -> None:
    if not 0.0 < epsilon <= 1.0:
        raise PhysicsError(f"failure probability {epsilon}: wanted in (0, 1]")


def _require_count(name: str, count: float) -> None:
    if not count >= 0.0:
        raise PhysicsError(f"{name} {count}: a count cannot be negative")


def hoeffding_deviation(total: float, epsilon: float) -> float:
    """delta(n, eps) = sqrt(n/2 ln(1/eps)), one-sided, on a count out of ``total``.

    Source: Hoeffding, J. Am. Stat. Assoc. 58, 13 (1963), Theorem 2.
    """
    _require_epsilon(epsilon)
    _require_count("total", total)
    return math.sqrt(total / 2.0 * math.log(1.0 / epsilon))


def hoeffding_interval(count: float, total: float, epsilon: float) -> tuple[float, float]:
    """count -+ delta(total, eps): each side holds except with probability eps."""
    delta = hoeffding_deviation(total, epsilon)
    return count - delta, count + delta


def chernoff_interval(count: float, total: float, epsilon: float) -> tuple[float, float]:
    """Expectation from a count x, L = ln(1/eps): x - L/2 - sqrt(2xL + L^2/4) and x + L + sqrt(2xL + L^2).

    ``total`` is not used: the interval depends on the count alone. Each side is one use of ``epsilon``.
    Source: Yin et al., Sci. Rep. 10, 14312 (2020).
    """
    _require_epsilon(epsilon)
    _require_count("count", count)
    log_term = math.log(1.0 / epsilon)
    lower = count - log_term / 2.0 - math.sqrt(2.0 * count * log_term + log_term * log_term / 4.0)
    upper = count + log_term + math.sqrt(2.0 * count * log_term + log_term * log_term)
    return lower, upper


def serfling_deviation(key_rounds: float, test_rounds: float, epsilon: float) -> float:
    """mu = sqrt( (n+k)/(n k) (k+1)/k ln(1/eps) ): test error + mu bounds the error rate of the key rounds.

    Tomamichel 2012 calls it with epsilon = eps_sec/4, Wiesemann 2024 with eps_sec/15.
    Source: Serfling, Ann. Statist. 2, 39 (1974); Tomamichel et al., Nat. Commun. 3, 634 (2012), Eq. (2).
    """
    _require_epsilon(epsilon)
    n, k = key_rounds, test_rounds
    require(n > 0.0 and k > 0.0, f"n = {n}, k = {k}: both samples must be non-empty")
    return math.sqrt((n + k) / (n * k) * (k + 1.0) / k * math.log(1.0 / epsilon))


def serfling_tail(key_rounds: float, test_rounds: float, deviation: float) -> float:
    """Pr[error rate of the rest - error rate of the sample >= v] <= exp(-2 n k^2 v^2 / ((n+k)(k+1))).

    Source: Serfling, Ann. Statist. 2, 39 (1974), Corollary 1.1.
    """
    n, k = key_rounds, test_rounds
    require(n > 0.0 and k > 0.0, f"n = {n}, k = {k}: both samples must be non-empty")
    return math.exp(-2.0 * n * k * k * deviation * deviation / ((n + k) * (k + 1.0)))


def sampling_gamma(epsilon: float, rate: float, sampled: float, rest: float, uses: int) -> float:
    """gamma(a,b,c,d) = sqrt( (c+d)(1-b)b/(c d ln 2) log2[ (c+d)/(c d (1-b) b) F^2/a^2 ] ), F = ``uses``.

    The error rate of ``rest`` single-photon rounds exceeds the rate b of ``sampled`` ones by less than gamma.
    Zero where the logarithm is negative (then the deviation is below the resolution of the sample).
    Source: Fung, Ma, Chau, PRA 81, 012318 (2010); Lim et al., PRA 89, 022307 (2014), after Eq. (5).
    """
    _require_epsilon(epsilon)
    a, b, c, d = epsilon, rate, sampled, rest
    require(0.0 < b < 1.0, f"error rate {b}: wanted in (0, 1)")
    require(c > 0.0 and d > 0.0, f"c = {c}, d = {d}: both samples must be non-empty")
    spread = (c + d) * (1.0 - b) * b / (c * d)
    log_term = math.log2((c + d) / (c * d * (1.0 - b) * b)) + 2.0 * math.log2(uses / a)
    return math.sqrt(max(0.0, spread / math.log(2.0) * log_term))


def sampling_tail_log2(deviation: float, rate: float, sampled: float, rest: float) -> float:
    """log2 of the bound on Pr[error rate of ``rest`` >= b + theta and error rate of ``sampled`` = b].

    sqrt( (c+d)/(c d b (1-b)) ) 2^(-(c+d) xi), xi = h(b + (1-q) theta) - q h(b) - (1-q) h(b+theta), q = c/(c+d);
    `sampling_gamma` is its solution for small theta and many errors. Source: Fung, Ma, Chau, PRA 81, 012318 (2010).
    """
    b, c, d = rate, sampled, rest
    q = c / (c + d)
    xi = _h(b + (1.0 - q) * deviation) - q * _h(b) - (1.0 - q) * _h(b + deviation)
    return 0.5 * math.log2((c + d) / (c * d * b * (1.0 - b))) - (c + d) * xi


def _h(x: float) -> float:
    return -(x * math.log2(x) + (1.0 - x) * math.log1p(-x) / math.log(2.0)) if 0.0 < x < 1.0 else 0.0


MOST_TRIALS = 1e13
"""Beyond it the incomplete beta function loses its digits; the Chernoff ends take over, valid and a little wider."""


def clopper_pearson_upper(events: float, trials: float, epsilon: float) -> float:
    """BetaInv(1-eps; k+1, n-k): upper bound on p from k of n i.i.d. trials; k = 0 gives 1 - eps^(1/n).

    Source: Clopper, Pearson, Biometrika 26, 404 (1934).
    """
    _require_epsilon(epsilon)
    require(0.0 <= events <= trials and trials > 0.0, f"{events} of {trials}: wanted 0 <= k <= n, n > 0")
    if events >= trials:
        return 1.0
    if events == 0.0:
        return -math.expm1(math.log(epsilon) / trials)
    if trials > MOST_TRIALS:
        return min(1.0, chernoff_interval(events, trials, epsilon)[1] / trials)
    return float(1.0 - special.betaincinv(trials - events, events + 1.0, epsilon))


def clopper_pearson_lower(events: float, trials: float, epsilon: float) -> float:
    """BetaInv(eps; k, n-k+1): lower bound on p from k of n i.i.d. trials; k = 0 gives 0."""
    _require_epsilon(epsilon)
    require(0.0 <= events <= trials and trials > 0.0, f"{events} of {trials}: wanted 0 <= k <= n, n > 0")
    if trials > MOST_TRIALS:
        return max(0.0, chernoff_interval(events, trials, epsilon)[0] / trials)
    return 0.0 if events == 0.0 else float(special.betaincinv(events, trials - events + 1.0, epsilon))


def qber_interval(errors: float, total: float, confidence: float = 0.95) -> tuple[float, float]:
    """Two-sided Clopper-Pearson interval of an error rate, (1-confidence)/2 each side; (0, 1) if nothing was seen."""
    require(0.0 < confidence < 1.0, f"confidence {confidence}: wanted in (0, 1)")
    if total <= 0.0:
        return 0.0, 1.0
    epsilon = (1.0 - confidence) / 2.0
    return clopper_pearson_lower(errors, total, epsilon), clopper_pearson_upper(errors, total, epsilon)
