"""Exact intervals for statistical assertions, at a false-alarm rate of 1e-9."""

from scipy import stats

FALSE_ALARM = 1e-9


def binomial_plausible(count: int, trials: int, probability: float) -> bool:
    """Neither tail of the binomial law is below half of the false-alarm rate."""
    law = stats.binom(trials, probability)
    return min(law.cdf(count), law.sf(count - 1)) >= 0.5 * FALSE_ALARM


def attempts_plausible(total: int, successes: int, probability: float) -> bool:
    """The attempts that ``successes`` successes took: successes plus a negative binomial number of failures."""
    law = stats.nbinom(successes, probability)
    failures = total - successes
    return min(law.cdf(failures), law.sf(failures - 1)) >= 0.5 * FALSE_ALARM


def gamma_plausible(total: float, draws: int) -> bool:
    """The sum of ``draws`` exponential times of mean 1."""
    law = stats.gamma(draws)
    return min(law.cdf(total), law.sf(total)) >= 0.5 * FALSE_ALARM
