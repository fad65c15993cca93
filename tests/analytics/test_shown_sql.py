"""The SQL that a report shows is the SQL that answers it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lrs.analytics.audience import EVERYONE, Audience
from lrs.analytics.catalog import catalog
from lrs.analytics.facts.digests import digest
from lrs.analytics.sql.scope import obeyed
from tests.analytics.places import COURSE, Place, place_in, told

TEAM = Audience("team", digest("agent", "BOSS"))
SELF = Audience("self", digest("agent", "ANNA"))
NAMELESS = Audience(names=False, least=2)
PERIOD = {"since": "2026-01-01", "until": "2026-05-31"}
PEOPLE = [
    "person,identifiers,department,manager,role\n",
    "ANNA,learner-1@example.org,kitchen,BOSS,cook\n",
    "BELA,learner-2@example.org,kitchen,BOSS,cook\n",
]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = place_in(tmp_path_factory.mktemp("small"))
    place.put(*(told(who, "completed", result={"completion": True}) for who in (1, 2)))
    place.references.import_people(PEOPLE)
    yield place
    place.store.close()


ASKED = (
    (EVERYONE, {}),
    (EVERYONE, {**PERIOD, "role": "cook", "course": COURSE}),
    (NAMELESS, PERIOD),
    (TEAM, {"department": "kitchen"}),
    (SELF, {"course": COURSE}),
)


@pytest.mark.parametrize("name", catalog())
def test_a_report_shows_the_sql_that_answers_it(name: str, small: Place) -> None:
    report = catalog()[name]
    for audience, wanted in ASKED:
        if not audience.may_ask(report):
            continue
        asked = {one: wanted[one] for one in obeyed(report.sql) if one in wanted}

        answered = small.answer(name, audience=audience, **asked)

        assert small.reports.sql(name, asked, audience=audience) == answered.sql
