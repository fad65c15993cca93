"""Outcomes: what goes together with them is found where it is planted, and nowhere else."""

from __future__ import annotations

import random

import numpy as np
import pytest
from pandas import DataFrame
from statsmodels.api import OLS
from statsmodels.stats.multitest import multipletests

from lrs.analytics.catalog import catalog
from lrs.analytics.report import Row
from lrs.analytics.reports.outcome_modules import as_it_was
from lrs.analytics.simulator.courses import MODULES, SAFETY
from lrs.analytics.simulator.work import Work
from lrs.analytics.statistics.effects import (
    adjusted,
    corrected,
    equivalence,
    rank_correlation,
    verdict,
)
from lrs.analytics.statistics.estimates import holm
from lrs.errors import BadRequest
from tests.analytics.places import Place, told
from tests.analytics.working import alarms, of, outcomes

WORK = Work()


def test_the_module_that_sells_is_found_and_no_other(worked: Place) -> None:
    rows = worked.rows("outcome-modules", course=SAFETY)

    sells = of(rows, measure="close_rate", module=MODULES[1])
    assert sells["verdict"] == "more"
    assert sells["effect_low"] < WORK.close_rate < sells["effect_high"]
    assert next(row["module"] for row in rows if row["measure"] == "close_rate") == MODULES[1]
    others = [row for row in rows if row["measure"] in ("audit_score", "csat") or row["n"] == 0]
    assert {row["verdict"] for row in others} <= {"unknown", "no measurable effect", "too few"}
    # Four departments are too few to tell anything of.
    assert {row["verdict"] for row in rows if row["kind"] == "group"} == {"too few"}


def test_managers_sell_more_whatever_they_learn(worked: Place) -> None:
    """The effect is that among people alike: the means alone hold the managers' points too."""
    row = of(worked.rows("outcome-modules", course=SAFETY), measure="close_rate", module=MODULES[1])

    assert row["with_it"] - row["without"] == pytest.approx(WORK.close_rate, abs=1.5)
    assert row["rho_low"] < row["rho"] < row["rho_high"]


def test_nothing_is_said_of_few(place: Place) -> None:
    place.put(*(told(who, "completed", result={"completion": True}) for who in range(29)))
    place.put(*(told(who, "launched") for who in range(29)))
    outcomes(place, *(f"learner-{who}@example.org,,sales,{who},2026-05-31," for who in range(29)))

    row = place.row("outcome-modules")

    assert (row["n"], row["verdict"], row["effect"], row["with_it"]) == (29, "too few", None, None)


def test_what_came_after_the_measure_is_no_exposure(place: Place) -> None:
    place.put(
        *(told(who, "launched", days=90) for who in range(60)),
        *(told(who, "completed", days=5, result={"completion": True}) for who in range(30)),
        *(told(who, "completed", days=80, result={"completion": True}) for who in range(30, 50)),
    )
    outcomes(
        place, *(f"learner-{who}@example.org,,sales,{who % 7},2026-05-01," for who in range(60))
    )

    row = place.row("outcome-modules")

    assert (row["n"], row["completed"]) == (60, 20)


def test_groups_are_units_of_their_own(place: Place) -> None:
    """Forty departments of three: satisfaction is 10 higher where all have completed."""
    people, chance = ["person,identifiers,department\n"], random.Random(1)  # noqa: S311 not a secret
    lines = []
    for number in range(40):
        for one in range(3):
            who = f"{number}-{one}"
            people.append(f"{who},learner-{who}@example.org,D{number}\n")
            place.put(told(who, "launched", days=90))
            if number % 2:
                place.put(told(who, "completed", days=80, result={"completion": True}))
        lines.append(
            f",D{number},csat,{60 + 10 * (number % 2) + chance.gauss(0, 3):.3f},2026-05-01,"
        )
    place.references.import_people(people)
    outcomes(place, *lines)

    row = place.row("outcome-modules")

    assert (row["n"], row["completed"], row["kind"], row["verdict"]) == (40, 20, "group", "more")
    assert row["effect_low"] < 10 < row["effect_high"]


def test_people_are_those_that_they_were_when_they_began(place: Place) -> None:
    """All moved to one department after the measure: those who had completed were in the better one before."""
    people = ["person,identifiers,department,role,start_date,valid_from\n"]
    chance = random.Random(3)  # noqa: S311 not a secret
    lines = []
    for who in range(200):
        better = who % 2
        known = f"P{who},learner-{who}@example.org"
        people += [
            f"{known},{'AB'[better]},r,2026-01-01,2026-01-01\n",
            f"{known},Z,r,2026-05-20,2026-05-20\n",
        ]
        place.put(told(who, "launched", days=90))
        # Nine of ten in the better department complete, one of ten in the other one.
        if chance.random() < (0.9 if better else 0.1):
            place.put(told(who, "completed", days=80, result={"completion": True}))
        lines.append(f"P{who},,sales,{50 + 20 * better + chance.gauss(0, 2):.3f},2026-05-01,")
    place.references.import_people(people)
    outcomes(place, *lines)

    row = place.row("outcome-modules")

    assert row["with_it"] - row["without"] > 10
    assert row["verdict"] not in ("more", "less")
    assert abs(row["effect"]) < 2


def test_a_group_isas_it_was_before_its_first_member_began() -> None:
    seen, started = [50, 20, 60], [40, 0, None]
    members = DataFrame(
        {"unit": 7, "seen": seen, "start_day": started, "value": 0}
        | dict.fromkeys(("kind", "role", "department"), "")
    )
    values = DataFrame({"unit": 7, "day": [10, 20, 21], "value": [100_000, 300_000, 700_000]})

    (found,) = as_it_was(members, values).itertuples()

    assert (found.prior, found.tenure) == (30, 15)


def test_modules_that_do_nothing_give_at_most_one_alarm_in_twenty() -> None:
    def rows(chance: random.Random) -> list[Row]:
        base = {"measure": "m", "kind": "person", "course": "c"}
        people = [
            {**base, "module": "", "done": 0, "unit": unit, "learner": unit, "day": 100, "seen": 50,
             "value": round(chance.gauss(50, 10) * 10_000),
             "role": chance.choice("ab"), "department": chance.choice("xyz"), "start_day": 0}
            for unit in range(120)
        ]  # fmt: skip
        done = [
            {**base, "module": f"m{module}", "done": 1, "unit": unit, "learner": unit}
            for module in range(3)
            for unit in range(120)
            if chance.random() < 0.5
        ]
        return [*people, *done]

    assert alarms("outcome-modules", rows) <= 0.05 + 0.04


def test_equal_means_are_equivalent_only_within_the_margin() -> None:
    chance = random.Random(3)  # noqa: S311 not a secret
    one, other = ([chance.gauss(0, 1) for _ in range(400)] for _ in range(2))

    assert equivalence(one, other, 0.5) < 0.05 < equivalence(one, other, 0.01)
    found = adjusted(one + other, [0] * 400 + [1] * 400)
    assert verdict(found, 0.5, 0.5) == "no measurable effect"
    assert verdict(found, 0.5, 0.01) == "unknown"
    assert verdict(None, None, 1) == "unknown"


def test_statistics_say_nothing_where_nothing_can_be_said() -> None:
    assert rank_correlation([1, 1, 1], [1, 2, 3]) is None
    assert adjusted([1.0, 2.0, 3.0], [1, 1, 1]) is None
    assert adjusted([1.0, 3.0] * 8, [0, 1] * 8, categories=["ab" * 8]) is None
    assert corrected([0.001] * 25) == pytest.approx([0.001] * 25)
    assert corrected([0.01, 0.04]) == pytest.approx([0.02, 0.04])


def test_holm_corrects_as_statsmodels_does() -> None:
    chance = random.Random(3)  # noqa: S311 not a secret
    for many in (0, 1, 2, 20):
        values = [round(chance.random() ** 4, 3) for _ in range(many)]
        assert holm(values) == pytest.approx(
            list(multipletests(values, method="holm")[1]) if values else []
        )


def test_effects_are_those_of_a_regression_with_the_rest_in_it() -> None:
    chance = np.random.default_rng(3)
    for n in (60, 3000):
        did, group = chance.random(n) < 0.4, chance.choice(list("abc"), n)
        tenure = np.where(chance.random(n) < 0.1, np.nan, chance.normal(size=n))
        y = 1.5 * did + 2 * (group == "a") + chance.normal(size=n) * (1 + did)
        gaps = np.isnan(tenure)
        rest = [np.ones(n), group == "b", group == "c", gaps]
        rest.append(np.where(gaps, tenure[~gaps].mean(), tenure))
        fit = OLS(y, np.column_stack([did, *rest]).astype(float)).fit(
            cov_type="HC3" if n < 1000 else "HC1", use_t=True
        )
        # Told twice, and it changes nothing.
        found = adjusted(y, did, [group, group], [tenure])
        assert found is not None
        assert found[:3] == pytest.approx((fit.params[0], *fit.conf_int()[0]))


def test_outcomes_are_kept_beside_older_ones(place: Place) -> None:
    place.put(told(1, "launched"), told(2, "launched"))
    place.references.import_people(
        ["person,identifiers,department\n", "P1,learner-1@example.org,sales\n"]
    )
    outcomes(place, "P1,,score,1,2026-01-01,", "P1,,score,2,2026-02-01,")
    outcomes(
        place,
        "P1,,score,3.25,2026-02-01,",
        "learner-2@example.org,,score,4,2026-01-01,",
        "P9,,score,5,2026-01-01,",
        ",sales,csat,80,2026-01-01,",
        ",kitchen,csat,80,2026-01-01,",
    )

    rows = place.rows("outcomes-match")

    whole = of(rows, measure="score", subject="")
    assert (whole["outcomes"], whole["subjects"], whole["matched"]) == (4, 3, 2)
    assert {row["subject"] for row in rows if row["subject"]} == {"P9", "kitchen"}
    values = {row["value"] for row in place.references.rows("outcomes") if row["subject"] == "P1"}
    assert values == {10_000, 32_500}


def test_who_is_forgotten_has_no_outcomes(place: Place) -> None:
    place.references.import_people(
        ["person,identifiers\n", "P1,learner-1@example.org\n", "P2,learner-2@example.org\n"]
    )
    outcomes(
        place,
        "P1,,score,1,2026-01-01,",
        "learner-1@example.org,,score,1,2026-01-02,",
        "P2,,score,1,2026-01-01,",
    )

    assert place.references.forget(["P1"])

    assert [row["subject"] for row in place.references.rows("outcomes")] == ["P2"]


@pytest.mark.parametrize(
    "line",
    [
        "P1,D1,m,1,2026-01-01,",
        ",,m,1,2026-01-01,",
        "P1,,m,many,2026-01-01,",
        "P1,,m,1,yesterday,",
        "P1,,m,1,2026-01-01,0",
        "P1,,,1,2026-01-01,",
    ],
)
def test_a_wrong_outcome_is_named_and_nothing_is_kept(line: str, place: Place) -> None:
    with pytest.raises(BadRequest, match="Line 3"):
        outcomes(place, "P1,,m,1,2026-01-01,", line)

    assert place.references.rows("outcomes") == []


def test_what_is_no_csv_is_refused(place: Place) -> None:
    with pytest.raises(BadRequest, match="After line 1"):
        outcomes(place, "P1,,m,1,2026-01-01,a\rb")


def test_no_report_says_that_something_causes_another() -> None:
    for report in catalog().values():
        assert "cause" not in f"{report.question} {report.definition}".lower().replace(
            "because", ""
        )
