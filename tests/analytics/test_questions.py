"""Questions, and how far one is."""

from __future__ import annotations

from tests.analytics.places import COURSE, Place, told


def ask(place: Place, wording: str, **more: str) -> str:
    return place.ledgers.add("question", {"wording": wording, **more})


def test_a_question_shows_what_its_report_lacks(place: Place) -> None:
    ask(place, "Do departments differ?", report="slices", owner="Kim", team="hr")
    ask(place, "Do they like it?", report="reviews")
    ask(place, "Does it pay?")
    place.put(told(1, "completed"))

    rows = {row["wording"]: row for row in place.rows("questions", unowned="no")}

    assert len(rows) == 3
    assert "people file" in rows["Do departments differ?"]["missing"]
    assert rows["Do they like it?"]["missing"] == "rating"
    assert rows["Does it pay?"]["status"] == "no report"


def test_half_a_people_file_is_a_gap(place: Place) -> None:
    place.put(*(told(who, "completed", context={"platform": "desktop"}) for who in (1, 2)))
    place.references.import_people(
        ["person,identifiers,department\n", "P1,learner-1@example.org,nursing\n"]
    )
    ask(place, "Who has an identifier?", report="people-match")

    (row,) = place.rows("questions", unowned="no")

    assert (row["missing"], row["status"]) == ("people file (50 %)", "gap")


def test_reports_that_nobody_asked_for_are_unowned(place: Place) -> None:
    entry = ask(place, "Who finishes?", report="completion")

    unowned = {row["report"] for row in place.rows("questions") if row["status"] == "unowned"}
    assert "completion" not in unowned
    assert "verbs" in unowned

    place.ledgers.close("question", entry, note="yes")
    status = {(row["report"], row["status"]) for row in place.rows("questions")}
    assert {("completion", "answered"), ("completion", "unowned")} <= status


def test_more_than_three_questions_of_a_team_are_warned_of(place: Place) -> None:
    for number in range(4):
        ask(place, f"Question {number}", team="hr")
    ask(place, "Another", team="it")

    warned = [row["wording"] for row in place.rows("questions", unowned="no") if row["warning"]]

    assert sorted(warned) == [f"Question {number}" for number in range(4)]


def test_phases_are_done_step_by_step(place: Place) -> None:
    def done() -> list[str]:
        return [row["step"] for row in place.rows("phases") if row["done"]]

    assert done() == []
    place.put(told(1, "completed", result={"completion": True}))
    assert done() == ["statements come in", "completions are told"]
    ask(place, "Who finishes?")
    place.references.import_courses(["course\n", f"{COURSE}\n"])
    place.references.import_people(["person,identifiers\n", "P1,learner-1@example.org\n"])
    assert len(done()) == 5
    assert "the next one: scores are told" in place.answer("phases").reading


def test_late_deliveries_are_told(place: Place) -> None:
    entry = place.ledgers.add(
        "subscription", {"report": "verbs", "recipient": "ari@example.org", "cadence": "week"}
    )
    told_of = {"subscription": entry, "report": "verbs", "recipient": "ari@example.org"}
    place.ledgers.add("delivery", {**told_of, "day": "2026-05-20", "result": "sent"})
    place.ledgers.add("delivery", {**told_of, "result": "The mail server says 550."})

    row = place.row("deliveries")

    assert (row["mails"], row["failures"], row["late"]) == (1, 1, 1)
    assert "cron" in place.answer("deliveries").reading
