"""Persons of whom each counts several times: how much less they tell than as many persons would."""

from __future__ import annotations

from dataclasses import dataclass

SPREAD_RULE = (
    " Of a rate that counts a person several times the interval is that of as many independent units as tell as much"
    " (design effect by person): what somebody does twice is not what two persons do."
)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A group of persons, each of whom may have several courses."""

    part: int
    whole: int
    persons: int
    aa: int
    """Sum over persons of their part squared, of part times whole, and of their whole squared."""
    an: int
    nn: int

    def independent(self, among: float) -> tuple[int, int]:
        """Return (part, whole) of as many independent units as tell as much; `among`: the rate of all groups.

        The design effect around the own rate or that of all, whichever is larger, but at most as if all that somebody
        does were alike: the own one alone is too small where by chance the few who differ are not in the group.
        """
        rate, most = self.part / self.whole, self.nn / self.whole
        if self.persons < 2:  # noqa: PLR2004 of one person nothing is known of others
            return round(rate), 1
        inner = [one for one in (rate, among) if 0 < one < 1]
        effects = [self._spread(one) / (self.whole * one * (1 - one)) for one in inner]
        effect = max(effects) if 0 < rate < 1 else most
        effect = max(1.0, min(effect * self.persons / (self.persons - 1), most))
        whole = max(1, int(self.whole / effect))
        return round(rate * whole), whole

    def effective(self) -> tuple[float, float]:
        """Return (part, whole) of as many independent units as tell as much about the rate, for its interval.

        The design effect around the own rate, of a ratio estimate, widened as Student's t is for few persons (Korn and
        Graubard 1998), but at most as if all that somebody does were alike. Of persons who count once each it is 1.
        """
        from scipy.stats import norm, t  # noqa: PLC0415 see estimates

        rate, effect = self.part / self.whole, self.nn / self.whole
        if self.nn == self.whole:
            return self.part, self.whole
        if 0 < rate < 1 and self.persons > 1:
            seen = self._spread(rate) / (self.whole * rate * (1 - rate))
            few = self.persons / (self.persons - 1)
            few *= float(t.ppf(0.975, self.persons - 1) / norm.ppf(0.975)) ** 2
            effect = max(1.0, min(seen * few, effect))
        return self.part / effect, self.whole / effect

    def _spread(self, rate: float) -> float:
        return self.aa - 2 * rate * self.an + rate * rate * self.nn


def spread(name: str, source: str, *, by: str, whole: str, parts: dict[str, str]) -> str:
    """Return the SQL of table `name`, a row for each `by` of `source`: how unlike persons are in each of the `parts`.

    Its columns: `by`, persons, nn, and of each part aa_ and an_ with its name, for a column's `spread`. Part -> the SQL
    that counts it of a person, and `whole` likewise: fixed text.
    """
    counted = ", ".join(f"{sql} AS {part}" for part, sql in parts.items())
    sums = ", ".join(
        f"SUM({part} * {part}) AS aa_{part}, SUM({part} * n) AS an_{part}" for part in parts
    )
    return f"""{name} AS (
    SELECT {by}, COUNT(*) AS persons, SUM(n * n) AS nn, {sums}
    FROM (SELECT {by}, learner, {whole} AS n, {counted} FROM {source} GROUP BY {by}, learner) each_one
    WHERE n > 0 GROUP BY {by}
)"""
