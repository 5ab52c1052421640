"""How sure a share is, and a difference of two: exact binomial intervals."""

from math import exp, lgamma, log

HALVINGS = 60  # beyond the precision of a float


def binomial_interval(successes: int, trials: int, *, level: float = 0.95) -> tuple[float, float]:
    """Two-sided Clopper-Pearson interval of a share, both ends in [0, 1].

    Source: C. J. Clopper, E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
    Biometrika 26 (1934) 404-413.
    """
    tail = (1 - level) / 2
    return lower_end(successes, trials, tail), 1 - lower_end(trials - successes, trials, tail)


def share_with_interval(successes: int, trials: int) -> str:
    """`90.0% (76.3% to 97.2%)`: a share with its 95% interval."""
    low, high = binomial_interval(successes, trials)
    return f"{successes / trials:.1%} ({low:.1%} to {high:.1%})"


def paired_interval(gained: int, lost: int, images: int, *, level: float = 0.95) -> tuple[float, float]:
    """Two-sided exact conditional interval of the accuracy difference of two models that answered the same images.

    Only the images count that one of them has right and the other wrong: of these, `gained` speak for the first model. The interval is
    above 0 just where the exact McNemar test refuses equality; it is (0, 0) when the models never differ.

    Source: the `exact' conditional method in R. G. Newcombe, "Improved confidence intervals for the difference between binomial
    proportions based on paired data", Statistics in Medicine 17 (1998) 2635-2650.
    """
    differing = gained + lost
    if not differing:
        return 0.0, 0.0
    low, high = binomial_interval(gained, differing, level=level)
    return (2 * low - 1) * differing / images, (2 * high - 1) * differing / images


def lower_end(successes: int, trials: int, tail: float) -> float:
    """The share under which as many successes, or more, would come with probability `tail`."""
    low, high = 0.0, successes / trials
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if upper_tail(successes, trials, middle) < tail else (low, middle)
    return low


def upper_tail(successes: int, trials: int, share: float) -> float:
    """Probability of `successes` or more in as many trials, for a share below successes / trials: its terms only fall."""
    if successes == 0 or share == 0:
        return float(successes == 0)
    log_ways = lgamma(trials + 1) - lgamma(successes + 1) - lgamma(trials - successes + 1)
    term = exp(log_ways + successes * log(share) + (trials - successes) * log(1 - share))
    total = term
    for count in range(successes, trials):
        term *= (trials - count) / (count + 1) * share / (1 - share)
        total += term
        if term < total * 1e-17:
            break
    return total
