"""A claim counts only if its own statement is stored: nothing by the statement of somebody else, nothing for good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from lrs.cmi5 import terms
from lrs.cmi5.violations import Violation
from lrs.errors import BadRequest, Conflict
from lrs.services.statements import Batch, Sender
from lrs.xapi.entry import Draft
from lrs.xapi.text import Parsed
from lrs.xapi.version import VERSIONS
from tests.build import AUTHORITY, statement
from tests.cmi5.build import EXPERIENCED, au
from tests.cmi5.conftest import Au, Lms


def strange(lms: Lms, statement_id: str) -> None:
    """Store a statement of somebody else under an id."""
    body = statement(id=statement_id)
    sender = Sender(AUTHORITY, may_void=False)
    lms.services.statements.store(Batch(Parsed(body, body)), version=VERSIONS[0], sender=sender)


def started(lms: Lms, **attributes: str) -> Au:
    return lms.launch(lms.enrol(lms.course(au(**(attributes or {"moveOn": "Passed"}))))).start()


def test_passed_under_the_id_of_a_strangers_statement_counts_for_nothing(
    lms: Lms, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = started(lms)
    passed = one.says(terms.PASSED)
    strange(lms, passed["id"])
    with pytest.raises(Conflict):
        one.send(passed)
    monkeypatch.setattr("lrs.cmi5.sessions._SETTLED_AFTER", -1)
    assert not lms.services.cmi5.status(one.registration)["satisfied"]
    one.say(terms.PASSED)
    assert lms.services.cmi5.status(one.registration)["satisfied"]


def test_after_a_crash_a_strangers_statement_confirms_no_claim(
    lms: Lms, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = started(lms)
    passed = one.says(terms.PASSED)

    def die(*_: object) -> int:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(type(one.services.store.statements), "insert", die)
        with pytest.raises(RuntimeError):
            one.send(passed)
    strange(lms, passed["id"])
    assert not lms.services.cmi5.status(one.registration)["satisfied"]
    monkeypatch.setattr("lrs.cmi5.sessions._SETTLED_AFTER", -1)
    status = lms.services.cmi5.status(one.registration)
    assert (status["satisfied"], status["sessions"][0]["verbs"]) == (False, ["initialized"])


def test_a_refused_batch_lays_no_claim_under_which_something_else_would_pass(lms: Lms) -> None:
    one = started(lms)
    passed = one.says(terms.PASSED)
    with pytest.raises(BadRequest):
        one.send(passed, {**one.says(EXPERIENCED, defined=False), "id": passed["id"]})
    assert list(one.held[1]["verbs"]) == [terms.INITIALIZED]
    with pytest.raises(Violation):
        one.send({**passed, "result": {"success": False}})
    one.send(passed)


def test_what_repeats_a_claim_is_held_to_the_rules(lms: Lms) -> None:
    one = started(lms)
    passed = one.say(terms.PASSED)
    with pytest.raises(Violation) as refused:
        one.send({**passed, "object": {"id": "https://example.org/other"}})
    assert refused.value.requirement == "8.1.5.0-6"


def test_a_session_is_not_initialized_by_a_batch_that_is_refused(lms: Lms) -> None:
    one = lms.launch(lms.enrol(lms.course(au(moveOn="Passed"))))
    one.principal = one.authenticated(one.fetch()["auth-token"])
    one.read(terms.PREFERENCES, "agents/profile")
    late = one.says(EXPERIENCED, defined=False)
    strange(lms, late["id"])
    with pytest.raises(Conflict):
        one.send(one.says(terms.INITIALIZED), late)
    with pytest.raises(Violation) as refused:
        one.say(EXPERIENCED, defined=False)
    assert refused.value.requirement == "9.3.0.0-4"
    one.say(terms.INITIALIZED)


def test_terminated_under_a_used_id_ends_nothing(lms: Lms) -> None:
    one = started(lms)
    terminated = one.says(terms.TERMINATED)
    strange(lms, terminated["id"])
    with pytest.raises(Conflict):
        one.send(terminated)
    one.say(terms.PASSED)
    one.say(terms.TERMINATED)
    assert one.held[1]["ended"]["how"] == "terminated"


def before_insert(one: Au, monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    """Let something happen between the claim of the next statement and its storing."""
    store = type(one.services.store.statements)
    insert = store.insert

    def acting(self: Any, drafts: Sequence[Draft]) -> int:
        monkeypatch.setattr(store, "insert", insert)
        act()
        return insert(self, drafts)

    monkeypatch.setattr(store, "insert", acting)


def test_a_session_that_is_about_to_terminate_is_not_abandoned_as_well(
    lms: Lms, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = started(lms)
    before_insert(one, monkeypatch, lambda: lms.launch(one.registration))
    one.say(terms.TERMINATED)
    assert lms.verbs(one.registration) == ["launched", "initialized", "launched", "terminated"]
    assert one.held[1]["ended"]["how"] == "terminated"


def test_terminated_whose_process_died_before_the_relaunch_is_the_end(
    lms: Lms, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = started(lms)
    with monkeypatch.context() as patch:
        patch.setattr(one.services.statements, "_listeners", [])
        one.say(terms.TERMINATED)
    lms.launch(one.registration)
    assert "abandoned" not in lms.verbs(one.registration)
    assert one.held[1]["ended"]["how"] == "terminated"


def test_a_replaced_session_whose_terminated_never_came_is_abandoned(
    lms: Lms, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = started(lms)
    terminated = one.says(terms.TERMINATED)
    strange(lms, terminated["id"])
    before_insert(one, monkeypatch, lambda: lms.launch(one.registration))
    with pytest.raises(Conflict):
        one.send(terminated)
    assert one.held[1]["ended"]["how"] == "abandoned"
    assert lms.verbs(one.registration)[2:] == ["launched", "abandoned"]


def test_a_statement_that_is_long_in_storing_counts_all_the_same(
    lms: Lms, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = started(lms)

    def settle() -> None:
        with monkeypatch.context() as patch:
            patch.setattr("lrs.cmi5.sessions._SETTLED_AFTER", -1)
            lms.services.cmi5.sessions.settle(one.registration)
        assert terms.PASSED not in one.held[1]["verbs"]

    before_insert(one, monkeypatch, settle)
    one.say(terms.PASSED)
    assert lms.verbs(one.registration)[-2:] == ["passed", "satisfied"]
