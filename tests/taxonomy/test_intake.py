"""Whatever senders make up, each message gets a verdict and the others are stored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lrs.assembly import Services, build_services
from lrs.config import Config
from lrs.services.statements import Sender
from lrs.taxonomy.events import Catalog, own_tables
from lrs.taxonomy.intake import Intake, Tracker
from lrs.taxonomy.mapping import Mapper
from lrs.taxonomy.profiles import Profiles
from tests.build import AUTHORITY, new_id

TRACKER = Tracker("key", Sender(AUTHORITY, may_void=False))
PUBLIC = Tracker("pk", Sender(AUTHORITY, may_void=False), frozenset({"page.viewed"}))
GOOD = {"type": "page", "userId": "u", "properties": {"path": "/"}}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder: Path = tmp_path_factory.mktemp("data")
    services = build_services(Config(data=folder))
    yield services
    services.close()


_odd = st.sampled_from(
    [None, True, 0, -1, 1.5, 10**15, "", " ", "x", "http://[", "a@b.co", "2026-11-20T10:00:00Z", "9999-99-99",
     "\x00", "é" * 300, [], ["x"], [None], {}, {"x": 1}, {"categoryPreferences": {"learning": False}},
     {"categoryPreferences": []}, {"type": "ios"}, {"type": 3}]
)  # fmt: skip
_keys = st.sampled_from(
    ["userId", "user_id", "anonymousId", "messageId", "timestamp", "originalTimestamp", "sentAt", "sessionId",
     "registration", "platform", "locale", "org", "team", "source", "system", "previousId", "name", "properties",
     "context", "event", "type"]
)  # fmt: skip
_context = st.dictionaries(
    st.sampled_from(["consent", "device", "userAgent", "locale", "sessionId"]), _odd
)
_names = sorted(
    {one for table in own_tables().values() for one in table["properties"]} | {"url", "x"}
)


@st.composite
def messages(draw: st.DrawFn) -> Any:
    if draw(st.integers(0, 9)) == 0:
        return draw(_odd)
    message: dict[str, Any] = {
        "type": draw(st.sampled_from(["track", "page", "screen", "identify", "alias", "group"])),
        "event": draw(st.sampled_from(sorted(own_tables()))),
        "userId": "u",
        "properties": draw(st.dictionaries(st.sampled_from(_names), _odd)),
        "context": draw(_context),
    }
    return message | draw(st.dictionaries(_keys, _odd, max_size=4))


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sent=st.lists(messages(), min_size=1, max_size=4), public=st.booleans())
def test_every_message_gets_a_verdict_and_a_good_one_is_stored(
    services: Services, sent: list[Any], public: bool
) -> None:
    tracker = PUBLIC if public else TRACKER
    verdicts, _ = services.intake.take([*sent, GOOD], tracker=tracker)
    assert len(verdicts) == len(sent) + 1
    for verdict in verdicts:
        told = verdict.as_json()
        assert told["status"] in ("accepted", "linked", "ignored", "dropped", "refused")
        assert ("code" in told) == (told["status"] in ("refused", "dropped"))
        assert told.get("code") != "E_STATEMENT"
    assert verdicts[-1].status == "accepted"
    assert services.store.statements.get(verdicts[-1].statement_id or "") is not None


def note(number: float) -> dict[str, Any]:
    properties = {
        "lesson_id": "l",
        "course_id": "c",
        "duration_seconds": number,
        "completion_type": "x",
    }
    return {"event": "lesson.completed", "userId": "u", "properties": properties}


def test_no_number_fails_the_others_of_its_batch(services: Services) -> None:
    verdicts, new = services.intake.take([note(1e306), note(3_155_760_000), GOOD], tracker=TRACKER)
    assert [one.status for one in verdicts] == ["refused", "accepted", "accepted"]
    assert new == 2
    told = verdicts[0].as_json()
    assert (told["code"], told["pointer"]) == ("E_RANGE", "/properties/duration_seconds")


def test_a_fault_of_ours_is_the_verdict_of_one_event_and_is_logged_without_its_data(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    table = own_tables()["page.viewed"]
    # No file can say this: it would not pass the check.
    odd = {"odd.viewed": {**table, "object": {"id": "x/{none}", "type": "T:course"}}}
    mapper = Mapper(Catalog({**odd, "page.viewed": table}, "http://x.org"))
    store = services.store
    profiles = Profiles(mapper, services.documents)
    intake = Intake(
        mapper,
        services.statements,
        store.records,
        services.persons,
        profiles,
        lambda: 10**15,
        new_id,
    )
    bad = {"event": "odd.viewed", "userId": "secret-person", "properties": {"path": "/secret"}}
    verdicts, new = intake.take([bad, GOOD], tracker=TRACKER)
    assert [one.as_json().get("code") for one in verdicts] == ["E_FAULT", None]
    assert new == 1
    assert "mapping.py" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    ("timestamp", "sent_at"),
    [
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
        ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ],
)
def test_no_pair_of_times_fails_the_others_of_its_batch(
    services: Services, timestamp: str, sent_at: str
) -> None:
    odd = {**GOOD, "timestamp": timestamp, "sentAt": sent_at}
    verdicts, _ = services.intake.take([odd, GOOD], tracker=TRACKER)
    told = verdicts[0].as_json()
    assert told.get("code") == (None if timestamp == sent_at else "E_TIME")
    assert verdicts[1].status == "accepted"


def test_a_message_without_an_id_twice_in_one_batch_is_stored_once(services: Services) -> None:
    sent = {name: part for name, part in GOOD.items() if name not in ("messageId", "message_id")}
    sent |= {"properties": {"path": "/twice"}, "timestamp": "2026-11-20T10:00:00Z"}
    verdicts, new = services.intake.take([sent, dict(sent)], tracker=TRACKER)
    assert [one.status for one in verdicts] == ["accepted", "accepted"]
    assert new == 1
