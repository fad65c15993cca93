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
from lrs.taxonomy.events import own_tables
from lrs.taxonomy.intake import Tracker
from tests.build import AUTHORITY

TRACKER = Tracker("key", Sender(AUTHORITY, may_void=False))
PUBLIC = Tracker("pk", Sender(AUTHORITY, may_void=False), frozenset({"page.viewed"}))
GOOD = {"type": "page", "userId": "u", "properties": {"path": "/"}}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder: Path = tmp_path_factory.mktemp("data")
    services = build_services(Config(data=folder))
    yield services
    services.store.close()


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


def test_a_message_without_an_id_twice_in_one_batch_is_stored_once(services: Services) -> None:
    sent = {name: part for name, part in GOOD.items() if name not in ("messageId", "message_id")}
    sent |= {"properties": {"path": "/twice"}, "timestamp": "2026-11-20T10:00:00Z"}
    verdicts, new = services.intake.take([sent, dict(sent)], tracker=TRACKER)
    assert [one.status for one in verdicts] == ["accepted", "accepted"]
    assert new == 1
