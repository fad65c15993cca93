"""Visitors who turned out to be persons: reports count both as one learner, whatever they did before."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from lrs.analytics.facts.digests import digest
from lrs.analytics.references.periods import FIRST_DAY, LAST_DAY, TEXTS
from lrs.taxonomy.persons import Persons
from lrs.xapi import JsonObject


class Visitors:
    """The links of lrs.taxonomy.persons, as IFIs that facts spell."""

    def __init__(self, links: Persons, base: str) -> None:
        """`base` is the home page of the accounts of events, see lrs.taxonomy.mapping."""
        self._links = links
        self._base = base

    def state(self) -> int:
        """Return a number that rises with each change."""
        return self._links.state()

    def among(self, identities: Container[str]) -> list[str]:
        """Return the anonymous ids that are linked, and whose IFIs these are."""
        return [one for one in self._links.all() if self._account(one) in identities]

    def pairs(self) -> dict[str, str]:
        """Return IFI of the visitor -> IFI of the person."""
        return {
            self._account(visitor): f"account|{self._base}|{link['user']}"
            for visitor, link in self._links.all().items()
        }

    def _account(self, visitor: str) -> str:
        return f"account|{self._base}/anon|{visitor}"


def with_visitors(
    people: Mapping[str, Sequence[JsonObject]], pairs: Mapping[str, str]
) -> dict[str, Sequence[JsonObject]]:
    """Return person -> periods, with what they were known by as visitors among their identifiers."""
    visitors: dict[str, list[str]] = {}
    for visitor, user in pairs.items():
        visitors.setdefault(user, []).append(visitor)
    return {
        person: [
            {
                **period,
                "identities": [
                    one
                    for identity in period["identities"]
                    for one in (identity, *visitors.get(identity, ()))
                ],
            }
            for period in periods
        ]
        for person, periods in people.items()
    }


def visitor_rows(pairs: Mapping[str, str], known: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield rows of PEOPLE for visitors whose person is not among the `known`, IFI -> person: nobody by name."""
    for visitor, user in pairs.items():
        if user not in known and visitor not in known:
            yield {
                "learner": digest("agent", visitor),
                "person": "",
                "person_key": digest("agent", user),
                **dict.fromkeys(TEXTS, ""),
                "start_day": None,
                "valid_from": FIRST_DAY,
                "valid_to": LAST_DAY,
            }
