from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.taxonomy.roles import Meaning, meaning_of, roles
from tests.build import activity, statement, verb

MOODLE = {
    "extensions": {
        "http://lrs.learninglocker.net/define/extensions/info": {"http://moodle.org": "4.1"}
    }
}
ADL = "http://adlnet.gov/expapi/verbs/"


def meaning(verb_id: str, **changes: Any) -> Meaning:
    return meaning_of(statement(verb={"id": verb_id}, **changes))


@pytest.mark.parametrize(
    ("verb_id", "changes", "funnel"),
    [
        (ADL + "launched", {}, "click"),
        (ADL + "initialized", {}, "click"),
        ("http://id.tincanapi.com/verb/viewed", {}, "click"),
        ("https://w3id.org/xapi/dod-isd/verbs/navigated", {}, "click"),
        ("http://id.tincanapi.com/verb/viewed", {"result": {"duration": "PT20S"}}, "view"),
        ("https://w3id.org/xapi/video/verbs/played", {}, "view"),
        (ADL + "terminated", {}, "view"),
        (ADL + "interacted", {}, "view"),
        (ADL + "completed", {}, "completion"),
        (ADL + "completed", {"result": {"completion": False}}, "view"),
        (ADL + "terminated", {"result": {"completion": True}}, "completion"),
        ("https://w3id.org/xapi/adl/verbs/satisfied", {}, "completion"),
        ("https://w3id.org/xapi/adl/verbs/abandoned", {}, "withdraw"),
        (
            "https://w3id.org/xapi/adl/verbs/abandoned",
            {"result": {"duration": "PT1H"}},
            "withdraw",
        ),
        ("http://id.tincanapi.com/verb/unregistered", {}, "withdraw"),
        (ADL + "answered", {"result": {"completion": True, "duration": "PT9S"}}, None),
        (ADL + "passed", {}, None),
        (
            ADL + "passed",
            {
                "object": activity(
                    "http://x.org/c", type="http://adlnet.gov/expapi/activities/course"
                )
            },
            "completion",
        ),
        ("http://example.org/verbs/unheard-of", {}, None),
    ],
)
def test_a_verb_counts_for_one_stage_of_the_funnel(
    verb_id: str, changes: Any, funnel: str | None
) -> None:
    assert meaning(verb_id, **changes).funnel == funnel


@pytest.mark.parametrize(
    ("key", "value", "funnel"),
    [
        ("https://w3id.org/xapi/cmi5/result/extensions/progress", 100, "completion"),
        ("https://w3id.org/xapi/cmi5/result/extensions/progress", 99, None),
        ("https://w3id.org/xapi/cmi5/result/extensions/progress", True, None),
        ("https://w3id.org/xapi/video/extensions/progress", 1.0, "completion"),
        ("https://w3id.org/xapi/video/extensions/progress", "1.0", None),
    ],
)
def test_full_progress_is_a_completion(key: str, value: Any, funnel: str | None) -> None:
    assert meaning(ADL + "progressed", result={"extensions": {key: value}}).funnel == funnel


@pytest.mark.parametrize(
    ("sent", "canonical"),
    [
        ("http://activitystrea.ms/schema/1.0/submit", "http://activitystrea.ms/submit"),
        ("https://w3id.org/xapi/tla/verbs/scored", ADL + "scored"),
        ("https://w3id.org/xapi/adl/verbs/completed", ADL + "completed"),
        ("https://adlnet.gov/expapi/verbs/passed", ADL + "passed"),
        ("https://brindlewaye.com/xAPITerms/verbs/loggedin/", "https://w3id.org/xapi/adl/verbs/logged-in"),
        ("http://example.org/verbs/own", "http://example.org/verbs/own"),
    ],
)  # fmt: skip
def test_other_names_of_a_verb_are_read_as_its_canonical_one(sent: str, canonical: str) -> None:
    assert meaning(sent).verb == canonical


def test_success_makes_a_completion_a_pass_or_a_fail_as_well() -> None:
    assert meaning(ADL + "completed", result={"success": True}).roles == {"completion", "pass"}
    assert meaning(ADL + "completed", result={"success": False}).roles == {"completion", "fail"}
    assert meaning(ADL + "answered", result={"success": True}).roles == {"answer"}


@pytest.mark.parametrize(
    ("score", "context", "value", "basis", "mismatch"),
    [
        ({"raw": 50, "min": 0, "max": 100, "scaled": 0.0}, MOODLE, 0.5, "raw", False),
        ({"scaled": 0.0}, MOODLE, 0.5, "signed", False),
        ({"scaled": -1}, {"platform": "Moodle"}, 0.0, "signed", False),
        ({"raw": 1, "min": 0, "max": 1, "scaled": 1}, {}, 1.0, "raw", False),
        ({"raw": 50, "min": 0, "max": 100, "scaled": 0.9}, {}, 0.5, "raw", True),
        ({"scaled": 0.3}, {}, 0.3, "scaled", False),
        ({"scaled": -0.3}, {}, None, "unusable", False),
        ({"raw": 0, "min": 0, "max": 0, "scaled": 0}, {}, None, "unusable", False),
        ({"raw": 7, "max": 10}, {}, 0.7, "raw", False),
        ({"raw": 7}, {}, None, "unusable", False),
        ({"min": 0}, {}, None, None, False),
    ],
)
def test_scores_are_normalised_from_raw_first_and_by_source_otherwise(
    score: Any, context: Any, value: float | None, basis: str | None, mismatch: bool
) -> None:
    found = meaning(ADL + "scored", result={"score": score}, context=context)
    assert (found.score, found.score_basis, found.score_mismatch) == (value, basis, mismatch)


@pytest.mark.parametrize(
    ("context", "source"),
    [
        (MOODLE, "moodle"),
        ({"extensions": {"https://w3id.org/xapi/openedx/extension/transformer-version": "x"}}, "open-edx"),
        ({"contextActivities": {"category": [{"id": "https://w3id.org/xapi/cmi5/context/categories/cmi5"}]}}, "cmi5"),
        ({"contextActivities": {"category": {"id": "https://w3id.org/xapi/video"}}}, "video"),
        ({"extensions": {"http://lrs.learninglocker.net/define/extensions/info": 1}}, "other"),
        ({}, "other"),
    ],
)  # fmt: skip
def test_the_source_is_told_by_the_context(context: Any, source: str) -> None:
    assert meaning(ADL + "completed", context=context).source == source


def test_a_mapped_event_counts_as_the_catalog_says() -> None:
    vocabulary = "https://lms.example.org/vocab/"
    context = {
        "contextActivities": {"category": [{"id": vocabulary + "profile/edtech-taxonomy/v1"}]},
        "extensions": {vocabulary + "event": "user.signed_up"},
    }
    found = meaning(ADL + "registered", context=context)
    assert (found.event, found.roles, found.source) == ("user.signed_up", {"sign-up"}, "taxonomy")


def test_every_alias_means_one_verb_only() -> None:
    told = roles()
    names = Counter(
        alias for table in told.tables["verb"].values() for alias in table.get("aliases", ())
    )
    assert [name for name, times in names.items() if times > 1] == []
    assert names.keys().isdisjoint(told.tables["verb"])


_values = st.sampled_from(
    [None, True, -1, 100, 10**400, 0.5, 1e308, "1", [1], {"http://moodle.org": 1}, {}]
)


@given(
    name=st.sampled_from(sorted(roles().tables["verb"])),
    extensions=st.dictionaries(
        st.sampled_from(
            [
                "https://w3id.org/xapi/cmi5/result/extensions/progress",
                "https://w3id.org/xapi/video/extensions/progress",
                "http://lrs.learninglocker.net/define/extensions/info",
            ]
        ),
        _values,
    ),
    score=st.dictionaries(
        st.sampled_from(["raw", "min", "max", "scaled"]),
        st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.just(10**400),
    ),
    success=st.booleans(),
)
def test_whatever_extensions_and_scores_say_a_meaning_is_found(
    name: str, extensions: Any, score: Any, success: bool
) -> None:
    result = {"success": success, "extensions": extensions, "score": score}
    found = meaning(name, result=result, context={"extensions": extensions})
    assert found.funnel in (None, "click", "view", "completion", "withdraw")
    assert found.funnel is None or found.funnel in found.roles
    assert found.score is None or 0 <= found.score <= 1


PLATFORMS = [
    [cell.strip() for cell in line.split("|")]
    for line in (Path(__file__).parent / "verbs-of-platforms.txt").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("row", PLATFORMS, ids=lambda row: f"{row[0]}-{row[1].rpartition('/')[2]}")
def test_each_verb_that_moodle_and_open_edx_send_counts_as_pinned(row: list[str]) -> None:
    _, sent, funnel, counted = row
    found = meaning(sent)
    assert (found.funnel or "other", ", ".join(sorted(found.roles))) == (funnel, counted)


def test_an_unknown_verb_counts_for_nothing() -> None:
    assert meaning(verb("own")["id"]).roles == frozenset()


@pytest.mark.skipif("LRS_TEST_DATA" not in os.environ, reason="needs LRS_TEST_DATA")
def test_the_real_video_statements_fall_into_these_classes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = Path(os.environ["LRS_TEST_DATA"]) / "video-statements-22000.json.gz"
    counts: Counter[str] = Counter()
    with gzip.open(path) as lines:
        for line in lines:
            found = meaning_of(json.loads(line))
            assert found.source == "video"
            counts[f"{found.funnel or 'other'}: {', '.join(sorted(found.roles))}"] += 1
    with capsys.disabled():
        print("\n22,000 video statements:")
        for name, times in counts.most_common():
            print(f"{times:>8}  {name}")
    assert dict(counts) == {
        "view: play, view": 6603,
        "view: pause, view": 6480,
        "view: interact, view": 3546,
        "view: seek, view": 2995,
        "click: click, start": 1348,
        "completion: completion, view": 636,
        "view: terminate, view": 338,
        "other: download": 54,
    }
