"""cmi5 at the one door for statements: a guard before they are stored, a listener after. Spec: cmi5 6.3, 9.0."""

from __future__ import annotations

from collections.abc import Sequence

from lrs.clock import Clock
from lrs.cmi5.ledger import Ledger
from lrs.cmi5.progress import lay_claim
from lrs.cmi5.rules import check
from lrs.cmi5.sessions import Sessions
from lrs.cmi5.violations import Violation
from lrs.services.statements import Sender
from lrs.xapi import JsonObject
from lrs.xapi.entry import Draft


class Door:
    """Watches what AUs say."""

    def __init__(self, ledger: Ledger, sessions: Sessions, clock: Clock) -> None:
        self._ledger = ledger
        self._sessions = sessions
        self._clock = clock

    def guard(self, statements: Sequence[JsonObject], sender: Sender) -> None:
        """Refuse what an AU may not say, and lay claim to what it may: a guard of the one door.

        Raises: Violation (403).
        """
        if not sender.session:
            return
        registration, _ = self._sessions.get(sender.session)
        self._sessions.settle(registration["id"])
        now = self._clock()

        def claim(current: JsonObject) -> bool:
            session = current["sessions"][sender.session]
            self._demand_open(session, now)
            changed = False
            for index, statement in enumerate(statements):
                try:
                    check(session, current, statement)
                except Violation as violation:
                    raise violation.under(f"/{index}" if len(statements) > 1 else "") from None
                changed |= lay_claim(current, session, statement, now)
            session.pop("waits", None)
            return changed

        self._ledger.change(registration["id"], claim)

    def listen(self, drafts: Sequence[Draft], sender: Sender) -> None:
        """Take in what an AU has said, and say what follows from it: a listener of the one door."""
        if not sender.session:
            return
        registration, session = self._sessions.get(sender.session)
        ids = {draft.id for draft in drafts}
        if ids & {claim["statement"] for claim in session["verbs"].values()}:
            self._sessions.take_in(registration["id"], ids, sender.session)

    def _demand_open(self, session: JsonObject, now: int) -> None:
        if session["ended"] is None:
            return
        if not self._sessions.waits(session, now):
            raise Violation(
                "9.3.6.0-2" if session["ended"]["how"] == "abandoned" else "9.3.0.0-5",
                "The session has ended.",
            )
        session["waits"] = True
