"""What an auditor sees: what was failed, what was done about it, when it was passed."""

from __future__ import annotations

from lrs.analytics.simulator.courses import SAFETY
from tests.analytics.certifying import before, courses, day, earned
from tests.analytics.places import COURSE, Place, attempt, told


def test_the_auditor_sees_fail_remedy_and_pass(place: Place) -> None:
    courses(place, "certification,12,,,,")
    failed = attempt(1, 1, False, days=50, score={"scaled": 0.3})
    passed = attempt(1, 2, True, days=40, score={"scaled": 0.9})
    certificate = earned(1, 39)
    place.put(
        failed,
        told(1, "experienced", "http://example.org/module", days=45),
        passed,
        certificate,
        attempt(2, 1, False, days=50, score={"scaled": 0.2}),
        told(3, "registered", days=10),
    )

    one, two, three = place.rows("audit-pack")

    assert (one["gap"], one["attempts"], one["remedies"]) == ("remediated", 2, 1)
    assert (one["first_score"], one["best_score"]) == (0.3, 0.9)
    assert (one["failed_id"], one["passed_id"]) == (failed["id"], passed["id"])
    assert (one["certificates"], one["objective"]) == (certificate["id"], COURSE)
    assert (one["cert_from"], one["cert_to"]) == (before(39), day("2027-04-23"))
    assert (two["gap"], two["passed"], two["state"]) == ("open", None, "assigned")
    assert three["gap"] == "no test"


def test_who_fails_again_after_a_pass_has_an_open_gap(place: Place) -> None:
    courses(place, "certification,12,,,,")
    place.put(*(attempt(1, 5 - n, n == 4, days=10 * n) for n in (5, 4, 3)))

    (row,) = place.rows("audit-pack")

    assert (row["gap"], row["attempts"], row["passed"]) == ("open", 3, None)


def test_the_planted_gaps_are_closed_in_order(worked: Place) -> None:
    rows = worked.rows("audit-pack", course=SAFETY)

    closed = [row for row in rows if row["gap"] == "remediated"]
    assert len(closed) > 40
    assert all(row["failed"] < row["passed"] for row in closed)
    assert all(row["failed_id"] and row["passed_id"] and row["attempts"] > 1 for row in closed)
