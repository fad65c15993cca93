"""From the first contact to bringing others, and back out again."""

from __future__ import annotations

from typing import Any

from lrs.xapi import JsonObject
from tests.analytics.places import Place, told
from tests.build import activity, agent

REFERRER = "http://id.tincanapi.com/extension/referrer"
VOCABULARY = "https://academy.example.org/vocab/"
HOME = "http://example.org/home"


def event(name: str, statement: JsonObject) -> JsonObject:
    """Return the statement as one that an event of the taxonomy was mapped to."""
    context = statement.get("context", {})
    category = [activity(VOCABULARY + "profile/edtech-taxonomy/v1")]
    around = {**context.get("contextActivities", {}), "category": category}
    extensions = {**context.get("extensions", {}), VOCABULARY + "event": name}
    return {
        **statement,
        "context": {**context, "contextActivities": around, "extensions": extensions},
    }


def test_who_brings_is_the_referrer_not_the_one_brought(place: Place) -> None:
    def brought(friend: int, referrer: int, days: float) -> dict[str, Any]:
        program = "http://example.org/referral-program/default"
        return told(
            friend, "http://activitystrea.ms/accept", program, kind="referral-program", days=days,
            context={"extensions": {REFERRER: agent(f"learner-{referrer}")}},
        )  # fmt: skip

    def signed_up(who: int, channel: str) -> dict[str, Any]:
        known = {"extensions": {VOCABULARY + "channel": channel}}
        return event("user.signed_up", told(who, "registered", HOME, days=90, context=known))

    done = {"completion": True}
    place.put(
        *(signed_up(who, "search") for who in (1, 2)),
        signed_up(3, "fair"),
        *(told(who, "completed", result=done, days=80) for who in (1, 3)),
        # 1 brings 11 and 12 after having completed, 2 brings 13 without.
        brought(11, 1, 70), brought(12, 1, 60), brought(13, 2, 60),
    )  # fmt: skip

    rows = {(row["channel"], row["stage"]): row for row in place.rows("advocacy-funnel")}

    last = "brought somebody"
    assert (rows["search", last]["persons"], rows["search", last]["friends"]) == (1, 2)
    assert rows["search", last]["outside"] == 1
    assert (rows["fair", last]["persons"], rows["fair", last]["outside"]) == (0, 0)
    # Those brought are first contacts, and have brought nobody.
    assert rows["", "first contact"]["persons"] == 3
    assert (rows["", last]["persons"], rows["", "completed"]["persons"]) == (0, 0)
    # To have brought somebody does not mean to have completed.
    assert rows["search", "completed"]["persons"] == 1
    assert "1 brought 2 others" in place.answer("advocacy-funnel").reading


def test_the_referrer_is_a_person_whatever_they_log_in_with(place: Place) -> None:
    place.references.import_people(
        ["person,identifiers\n", "A,learner-1@example.org learner-9@example.org\n"]
    )
    context = {"extensions": {REFERRER: agent("learner-9")}}
    place.put(
        told(1, "completed", result={"completion": True}, days=80),
        told(2, "http://activitystrea.ms/accept", days=5, context=context),
        told(
            3,
            "http://activitystrea.ms/accept",
            days=5,
            context={"extensions": {REFERRER: {"a": 1}}},
        ),
    )

    rows = {row["stage"]: row["persons"] for row in place.rows("advocacy-funnel")}

    assert rows["brought somebody"] == 1
