"""cmi5 at the one door for statements: a guard before they are stored, a listener after. Spec: cmi5 6.3, 9.0."""

from __future__ import annotations

from collections.abc import Sequence, Set

from lrs.clock import Clock
from lrs.cmi5.defined import is_defined
from lrs.cmi5.ledger import Ledger
from lrs.cmi5.progress import lay_claim
from lrs.cmi5.rules import ClaimKey, check, key_of, key_of_statement
from lrs.cmi5.sessions import Sessions
from lrs.cmi5.violations import Violation
from lrs.services.statements import Sender, Undo
from lrs.xapi import JsonObject
from lrs.xapi.entry import Draft


class Door:
    """Watches what AUs say."""

    def __init__(self, ledger: Ledger, sessions: Sessions, clock: Clock) -> None:
        self._ledger = ledger
        self._sessions = sessions
        self._clock = clock

    def guard(self, statements: Sequence[JsonObject], sender: Sender) -> Undo | None:
        """Refuse what an AU may not say, and lay claim to what it may: a guard of the one door.

        Raises: Violation (403).
        """
        if not sender.session:
            return None
        registration, _ = self._sessions.get(sender.session)
        self._sessions.settle(registration["id"])
        now = self._clock()
        laid: set[ClaimKey] = set()

        def claim(current: JsonObject) -> bool:
            session = current["sessions"][sender.session]
            self._demand_open(session, now)
            laid.clear()
            for index, statement in enumerate(statements):
                try:
                    check(session, current, statement)
                except Violation as violation:
                    raise violation.under(f"/{index}" if len(statements) > 1 else "") from None
                if lay_claim(current, session, statement, now):
                    laid.add(key_of_statement(statement))
            session.pop("waits", None)
            return bool(laid)

        self._ledger.change(registration["id"], claim)
        if not laid:
            return None
        return lambda: self._take_back(registration["id"], laid)

    def listen(self, drafts: Sequence[Draft], sender: Sender) -> None:
        """Take in what an AU has said, and say what follows from it: a listener of the one door."""
        if not sender.session:
            return
        registration, _ = self._sessions.get(sender.session)
        said = [draft.statement for draft in drafts if is_defined(draft.statement)]
        if said:
            stored = {key_of_statement(statement) for statement in said}
            self._sessions.take_in(registration["id"], stored, sender.session, said)

    def _take_back(self, registration_id: str, laid: Set[ClaimKey]) -> None:
        self._sessions.drop(registration_id, lambda claim: key_of(claim) in laid)

    def _demand_open(self, session: JsonObject, now: int) -> None:
        if session["ended"] is None:
            return
        if not self._sessions.waits(session, now):
            raise Violation(
                "9.3.6.0-2" if session["ended"]["how"] == "abandoned" else "9.3.0.0-5",
                "The session has ended.",
            )
        session["waits"] = True
