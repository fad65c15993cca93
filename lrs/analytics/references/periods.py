"""The periods of the people file: who somebody was, and under whom, from when to when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrs.analytics.facts.days import day_of
from lrs.analytics.facts.digests import digest
from lrs.analytics.references.chains import Span, chains
from lrs.analytics.references.lines import day_text
from lrs.errors import BadRequest
from lrs.xapi import JsonObject
from lrs.xapi.terms import normalise_mbox

FIRST_DAY, LAST_DAY = -719_162, 2_932_896
"""The years 1 to 9999 in days since 1970."""
TEXTS = ("name", "department", "manager", "role", "location")
"""What a period tells of a person."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What an import of people has brought."""

    people: int
    periods: int


def identities_of(identifiers: str) -> list[str]:
    """Return the IFIs, as facts spell them, of identifiers split by spaces or semicolons."""
    return [identity_of(one) for one in identifiers.replace(";", " ").split()]


def identity_of(identifier: str) -> str:
    """Return the IFI of "homePage|name", a URL, an e-mail address or its mailto: IRI."""
    home_page, separator, name = identifier.rpartition("|")
    if separator:
        return f"account|{home_page}|{name}"
    if identifier.startswith(("http://", "https://")):
        return f"openid|{identifier}"
    return "mbox|" + normalise_mbox("mailto:" + identifier.removeprefix("mailto:"))


def period_of(row: Mapping[str, str], line: int) -> JsonObject:
    """Return the period that a line of the people file tells. Raises: BadRequest, naming the line."""
    return {
        "identities": identities_of(row["identifiers"]),
        **{name: row.get(name, "") for name in TEXTS},
        "startDate": day_text(row, "start_date", line),
        "validFrom": day_text(row, "valid_from", line),
    }


def history(known: Iterable[JsonObject], new: Iterable[JsonObject]) -> list[JsonObject]:
    """Return periods in their order; of those from the same day on the last one."""
    periods = {str(period["validFrom"]): period for period in (*known, *new)}
    return [periods[day] for day in sorted(periods)]


def demand_own(
    lines: Mapping[str, Mapping[int, JsonObject]], people: Mapping[str, Sequence[JsonObject]]
) -> None:
    """Raise BadRequest if an identifier in one of the lines, person -> line -> period, is one of two of the people.

    Persons are known by all of their identifiers at any time: each fact would count for both.
    """
    owners: dict[str, list[str]] = {}
    for person, periods in people.items():
        for identity in _everything(periods):
            owners.setdefault(identity, []).append(person)
    places: dict[tuple[str, str], int] = {}
    for person, periods_by_line in lines.items():
        for line, period in periods_by_line.items():
            for identity in period["identities"]:
                places.setdefault((identity, person), line)
    for (identity, person), line in places.items():
        other = next((one for one in owners.get(identity, ()) if one != person), None)
        if other is None or person not in owners[identity]:
            continue
        where = f"in line {places[identity, other]}" if (identity, other) in places else "already"
        raise BadRequest(
            f"Line {line}: {typed(identity)} is an identifier of {other} {where}, and can be one person's only.",
            code="csv-shared-identifier",
            allowed="each identifier with one person; --replace forgets what was known of those in the file",
        )


def typed(identity: str) -> str:
    """Return an IFI as people write it, see identity_of."""
    return identity.partition("|")[2].removeprefix("mailto:")


def chain_rows(people: Mapping[str, Sequence[JsonObject]]) -> Iterator[dict[str, Any]]:
    """Yield the rows of CHAINS for person -> periods."""
    persons = persons_behind(people)

    def manager_of(text: str) -> str:
        if not text or text in people:
            return text
        return persons.get(identity_of(text), text.removeprefix("mailto:"))

    spans = {
        person: [
            Span(start, end, manager_of(one["manager"])) for one, start, end in _dated(periods)
        ]
        for person, periods in people.items()
    }
    for person, link in chains(spans):
        for identity in _everything(people[person]):
            yield {
                "learner": digest("agent", identity),
                "boss": digest("person", link.boss),
                "valid_from": link.start,
                "valid_to": link.end,
            }


def persons_behind(people: Mapping[str, Sequence[JsonObject]]) -> dict[str, str]:
    """Return IFI, as facts spell it -> person, for person -> periods."""
    return {
        identity: person
        for person, periods in people.items()
        for period in periods
        for identity in period["identities"]
    }


def _dated(periods: Sequence[JsonObject]) -> Iterator[tuple[JsonObject, int, int]]:
    """Yield each period with its first day, and the first one after it."""
    starts = [day_of(period["validFrom"]) or FIRST_DAY for period in periods]
    # Before the first line of their history people are who they were on its first day.
    yield from zip(periods, [FIRST_DAY, *starts[1:]], [*starts[1:], LAST_DAY], strict=True)


def _everything(periods: Sequence[JsonObject]) -> list[str]:
    return sorted({one for period in periods for one in period["identities"]})


def people_rows(person: str, periods: Sequence[JsonObject]) -> Iterator[dict[str, Any]]:
    """Yield the rows of PEOPLE for a person."""
    for period, start, end in _dated(periods):
        for identity in _everything(periods):
            yield {
                "learner": digest("agent", identity),
                "person": person,
                "person_key": digest("person", person),
                **{name: period[name] for name in TEXTS},
                "start_day": day_of(period["startDate"]),
                "valid_from": start,
                "valid_to": end,
            }


class PersonKeys(dict[str, int]):
    """The key under which `scoped` knows a person of an outcome: by the name in the people file, or an identifier."""

    def __init__(self, people: Mapping[str, Sequence[JsonObject]]) -> None:
        self._persons = persons_behind(people)
        super().__init__((person, digest("person", person)) for person in people)

    def __missing__(self, name: str) -> int:
        identity = next(iter(identities_of(name)), "")
        person = self._persons.get(identity)
        found = digest("agent", identity) if person is None else self[person]
        self[name] = found
        return found
