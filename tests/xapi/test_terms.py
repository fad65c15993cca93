# ruff: noqa: SIM905 a word a case keeps the tables short
from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs import files
from lrs.clock import to_microseconds
from lrs.errors import BadRequest
from lrs.xapi import terms

MICROSECONDS_OF_A_DAY = 86_400_000_000


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("iri", terms.IRI),
        ("uuid", terms.UUID),
        ("timestamp", terms.TIMESTAMP),
        ("duration", terms.DURATION),
        ("language-tag", terms.LANGUAGE_TAG),
        ("mbox", terms.MBOX),
        ("mbox_sha1sum", terms.SHA1),
        ("sha2", terms.SHA2),
    ],
)
def test_pattern_is_that_of_the_schema(name: str, pattern: re.Pattern[str]) -> None:
    definitions = json.loads((files.schemas() / "common.json").read_bytes())["$defs"]
    assert definitions[name]["pattern"] == pattern.pattern


def test_every_pattern_of_the_schemas_is_anchored_at_both_ends() -> None:
    text = (files.schemas() / "common.json").read_text()
    patterns = re.findall(r'"pattern": "(.*)"', text)
    assert patterns
    assert all(pattern.startswith("^") and pattern.endswith("$") for pattern in patterns)


@pytest.mark.parametrize(
    "text",
    [
        "http://example.com/verbs/did",
        "http://5pmXx3XAGvX_course_id",
        "http://TheQuiz-urn:scormdriver:5419",
        "http://Course_ID2",
        "uuid://7d4f3c70-1e79-4243-9b7d-166076ce8bfb",
        "course-v1:FUN-MOOC+00002+session01",
        "urn:uuid:9f1c2f1e-6a52-4b0e-8d3b-3f7a53d6a001",
        "tag:example.com,2026:a",
        "https://例え.jp/コース#節",
        "http://[::1]:8080/a?b=c&d='e'(f)*!$;@,",
        "x:y",
    ],
)
def test_iri_is_accepted(text: str) -> None:
    assert terms.is_iri(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/verbs",
        "/relative",
        "#fragment",
        "http:",
        "1http://example.com",
        "ab=c://example.com",
        "http://example.com/a b",
        "http://example.com/<a>",
        'http://example.com/"a"',
        "http://example.com/{a}",
        "http://example.com/a\n",
        "http://example.com/\u00a0",
        r"C:\courses",
        "9f1c2f1e-6a52-4b0e-8d3b-3f7a53d6a001",
    ],
)
def test_iri_is_refused(text: str) -> None:
    assert not terms.is_iri(text)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00"),
        ("2026-01-31t12:00:00z", "2026-01-31T12:00:00"),
        ("2026-01-31T12:00:00", "2026-01-31T12:00:00"),
        ("2026-01-31T12:00", "2026-01-31T12:00:00"),
        ("2026-01-31T12Z", "2026-01-31T12:00:00"),
        ("2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00"),
        ("2026-01-31T12:00:00-0530", "2026-01-31T17:30:00"),
        ("2026-01-31T12:00:00+01", "2026-01-31T11:00:00"),
        ("2026-01-31T12:00:00-00:30", "2026-01-31T12:30:00"),
        ("2026-01-31T12:00:00+00:00", "2026-01-31T12:00:00"),
        ("20260131T120000.5Z", "2026-01-31T12:00:00.500000"),
        ("2026-01-31T12:00:00,123456789Z", "2026-01-31T12:00:00.123456"),
        ("2026-01-31T12:00:00.9999999999999999999999Z", "2026-01-31T12:00:00.999999"),
        ("2026-01-31T12:00.5Z", "2026-01-31T12:00:30"),
        ("2026-01-31T12.25Z", "2026-01-31T12:15:00"),
        ("2024-02-29T24:00:00Z", "2024-03-01T00:00:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00"),
        ("2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00.500000"),
        ("2000-02-29T00:00:00Z", "2000-02-29T00:00:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999"),
    ],
)
def test_timestamp_is_that_moment(text: str, utc: str) -> None:
    moment = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert terms.parse_timestamp(text) == to_microseconds(moment)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-31 12:00:00Z",
        "2026-01-31T12:00:00Z\n",
        "\uff12026-01-31T12:00:00Z",
        *(
            "now 2026-01-31 2026-01-31T 2026-01-31T12:00:00-00 2026-01-31T12:00:00-0000 "
            "2026-01-31T12:00:00-00:00 2026-01-31T12:00:00+24:00 2026-01-31T12:00:00+01:60 "
            "2026-01-31T12:00:00.Z 2026-01-31T12:0000Z 2026-0131T12:00:00Z 2026-01-31T12:60:00Z "
            "2026-01-31T12:00:61Z 2026-01-31T25:00:00Z 2026-01-31T24:00:00.1Z 2026-01-31T24:30:00Z "
            "2026-02-29T12:00:00Z 1900-02-29T12:00:00Z 2026-04-31T12:00:00Z 2026-00-10T12:00:00Z "
            "2026-01-00T12:00:00Z 0000-01-01T00:00:00Z 0001-01-01T00:00:00+01:00 "
            "9999-12-31T23:59:59-01:00 01/011/2015 2026-W05-6T12:00:00Z 2026-031T12:00:00Z"
        ).split(),
    ],
)
def test_timestamp_is_refused(text: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        terms.parse_timestamp(text)
    assert refusal.value.code == "timestamp"


@given(
    st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31)),  # noqa: DTZ001 the zone is drawn
    st.integers(-1439, 1439),
    st.sampled_from("Tt"),
    st.sampled_from(".,"),
)
def test_timestamp_agrees_with_datetime(
    local: datetime, minutes: int, separator: str, point: str
) -> None:
    moment = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    text = moment.isoformat().replace("T", separator).replace(".", point)
    assert terms.parse_timestamp(text) == to_microseconds(moment)


@given(st.integers(0, 10**6 - 1), st.text("0123456789", max_size=6000))
def test_timestamp_is_cut_below_microseconds(microsecond: int, finer: str) -> None:
    text = f"1970-01-02T00:00:00.{microsecond:06}{finer}Z"
    assert terms.parse_timestamp(text) == MICROSECONDS_OF_A_DAY + microsecond


@given(st.one_of(st.text(), st.from_regex(terms.TIMESTAMP)))
def test_any_text_is_a_timestamp_or_refused_as_one(text: str) -> None:
    try:
        assert isinstance(terms.parse_timestamp(text), int)
    except BadRequest as refusal:
        code = refusal.code
    else:
        code = "timestamp"
    assert code == "timestamp"


@pytest.mark.parametrize(
    "text",
    "P3Y P1M P4W P0.5W P1.5D P1DT12H36M0.12567S PT4H35M59.14S PT16559.14S "
    "P3Y1M29DT4H35M59.14S PT0S PT0,5S PT1.5H PT1M P1Y2D P1YT1S PT1H0M0.1S PT36H".split(),
)
def test_duration_is_accepted(text: str) -> None:
    assert terms.is_duration(text)


@pytest.mark.parametrize(
    "text",
    "P PT P1DT P4W1D P1Y1W PT1.5H30M P1.5DT1H PA1H0M0S PT1S1M 1H pt1s -PT1S PT-1S PT1.S "
    "PT.5S P1H P0001-00-00T00:00:00 P1Y/P1M".split(),
)
def test_duration_is_refused(text: str) -> None:
    assert not terms.is_duration(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("P1DT12H36M0.1237S", "P1DT12H36M0.12S", True),
        ("PT0.129S", "PT0.12S", True),
        ("PT0.129S", "PT0.13S", False),
        ("PT1.004S", "PT1S", True),
        ("PT1.10S", "PT1.1S", True),
        ("PT1.5M", "PT1.50001M", False),
        ("PT60S", "PT1M", False),
        ("P4W", "P4W", True),
    ],
)
def test_durations_are_compared_at_hundredths_and_otherwise_as_spelled(
    one: str, other: str, *, same: bool
) -> None:
    assert (terms.comparable_duration(one) == terms.comparable_duration(other)) is same


@given(st.from_regex(terms.DURATION, fullmatch=True).map(str.strip))
def test_comparable_duration_is_a_duration_and_stays_as_it_is(text: str) -> None:
    once = terms.comparable_duration(text)
    assert terms.is_duration(once)
    assert terms.comparable_duration(once) == once


@pytest.mark.parametrize(
    "text",
    "en und de-DE es-419 zh-Hant-TW zh-cmn-Hans-CN sl-rozaj-biske de-CH-1901 de-a-value "
    "x-whatever en-US-u-islamcal hy-Latn-IT-arevela i-klingon EN-gb-OED sgn-BE-FR "
    "art-lojban zh-min-nan qaa-x-a1 tlh".split(),
)
def test_language_tag_is_accepted(text: str) -> None:
    assert terms.is_language_tag(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "en US",
        "en\n",
        *("e en_US en- -en a12345678 abcdefghi de-419-DE a-DE en-x").split(),
    ],
)
def test_language_tag_is_refused(text: str) -> None:
    assert not terms.is_language_tag(text)


@pytest.mark.parametrize(
    "text",
    [
        "mailto:sally@example.com",
        "mailto:o'hara+tag@mail.example.co.uk",
        "mailto:jürgen@müller.example",
        "mailto:root@localhost",
        "mailto:a@[192.0.2.1]",
        "mailto:a/b=c%22@xn--mller-kva.example_b",
    ],
)
def test_mbox_is_accepted(text: str) -> None:
    assert terms.is_mbox(text)


@pytest.mark.parametrize(
    "text",
    [
        "mailto: a@example.com",
        "mailto:a@example.com\n",
        *(
            "sally@example.com mailto:sally mailto:@example.com mailto:sally@ "
            "mailto:a@b@example.com mailto:a@example.com,b@example.com "
            "mailto:a@example.com?subject=x MAILTO:a@example.com mailto:?to=a@example.com "
            "mailto://a@example.com mailto:a,b@example.com mailto:mailto:a@example.com "
            "mailto:a@example.com. mailto:a@example..com mailto:a@-"
        ).split(),
    ],
)
def test_mbox_is_refused(text: str) -> None:
    assert not terms.is_mbox(text)


def test_only_the_domain_of_an_mbox_is_lowered() -> None:
    assert terms.normalise_mbox("mailto:Sally@Example.COM") == "mailto:Sally@example.com"


def test_hashes_are_told_by_length_and_digits() -> None:
    assert terms.is_sha1("aB" * 20)
    assert not terms.is_sha1("g" * 40)
    assert [length for length in range(140) if terms.is_sha2("e" * length)] == [56, 64, 96, 128]


@given(st.uuids())
def test_uuid_is_returned_in_lower_case(uuid: Any) -> None:
    assert terms.parse_uuid(str(uuid).upper()) == str(uuid)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9f1c2f1e6a524b0e8d3b3f7a53d6a001",
        "{9f1c2f1e-6a52-4b0e-8d3b-3f7a53d6a001}",
        "AA97B177-9383-4934-8543-0F91A7A028368",
    ],
)
def test_uuid_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        terms.parse_uuid(text)
    assert refusal.value.code == "uuid"
