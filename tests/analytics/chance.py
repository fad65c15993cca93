"""Draws of chance for tests of false alarms, and how many of those are borne."""

from __future__ import annotations

import random

from scipy.stats import binom

from lrs.analytics.report import Moment

MOMENT = Moment(20_000, {})


def drawn(chance: random.Random, learners: int, rate: float) -> int:
    return sum(chance.random() < rate for _ in range(learners))


def allowed(reports: int) -> int:
    """Return how many of so many may be wrong at 5 %, chance of the draw included: more happen once in 100 times."""
    return int(binom.ppf(0.99, reports, 0.05))
