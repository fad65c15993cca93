"""A process that dies at any point: nothing is lost, nothing is said twice."""

from __future__ import annotations

import pytest

from lrs.cmi5 import terms
from lrs.cmi5.ledger import Ledger
from lrs.cmi5.violations import Violation
from lrs.errors import StoreUnavailable
from lrs.xapi import JsonObject
from tests.cmi5.build import au, block
from tests.cmi5.conftest import Lms
from tests.cmi5.looking import extensions


class _Died(BaseException):
    pass


def test_what_a_dead_process_had_to_say_is_said_by_the_next(
    lms: Lms, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration = lms.enrol(lms.course(block("b", au(moveOn="Passed"))))
    one = lms.launch(registration).start()
    say_due = Ledger.say_due

    def die(ledger: Ledger, held: JsonObject) -> JsonObject:
        if held["due"]:
            raise _Died
        return say_due(ledger, held)

    for act in (
        lambda: one.say(terms.PASSED),
        lambda: one.services.cmi5.registrations.waive(registration, "0", "Administrative"),
    ):
        monkeypatch.setattr(Ledger, "say_due", die)
        with pytest.raises(_Died):
            act()
        monkeypatch.setattr(Ledger, "say_due", say_due)
        before = lms.verbs(registration)
        lms.open().cmi5.registrations.get(registration)
        assert len(lms.verbs(registration)) > len(before)
    assert lms.verbs(registration)[2:] == ["passed", "satisfied", "satisfied", "waived"]


def test_a_claim_whose_statement_never_came_is_dropped(
    lms: Lms, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration = lms.enrol(lms.course(au(moveOn="Passed")))
    one = lms.launch(registration).start()
    store = one.services.store.statements

    def away(*_: object) -> int:
        raise StoreUnavailable("Away.")

    with monkeypatch.context() as patch:
        patch.setattr(type(store), "insert", away)
        with pytest.raises(StoreUnavailable):
            one.say(terms.PASSED)
    with pytest.raises(Violation):
        one.say(terms.PASSED)
    monkeypatch.setattr("lrs.cmi5.sessions._SETTLED_AFTER", -1)
    one.say(terms.PASSED)
    assert lms.verbs(registration)[-2:] == ["passed", "satisfied"]


def test_a_statement_that_was_stored_as_the_process_died_counts(
    lms: Lms, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration = lms.enrol(lms.course(au(moveOn="Completed")))
    one = lms.launch(registration).start()
    monkeypatch.setattr(one.services.statements, "_listeners", [])
    one.say(terms.COMPLETED)
    one.say(terms.TERMINATED)
    assert one.held[1]["ended"] is None
    status = lms.open().cmi5.status(registration)
    assert status["satisfied"]
    assert status["sessions"][0]["state"] == "terminated"
    assert lms.verbs(registration)[2:] == ["completed", "satisfied", "terminated"]
    assert extensions(lms.said(registration)[3])[terms.SESSION_ID] == one.session
