"""Registrations as they are kept: each change is one compare-and-swap, and what the LMS has to say goes out after it.

A registration is one record: {"id", "base", "course", "tenant", "actor", "created", "deleted", "aus", "groups",
"sessions", "due"}. `aus` see moveon; `groups` is block or course id -> {"statement", "when"} of its satisfied
statement; `sessions` is session id -> session, see rules. `due` are statements of the LMS that a change has decided
upon: they are stored right after it, or, if the process dies in between, by whoever touches the registration next. So
nothing is said twice, and nothing is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy

from lrs.errors import NotFound, StoreUnavailable
from lrs.services.statements import Batch, Sender, Statements
from lrs.stores.protocol import RecordStore
from lrs.xapi import JsonObject
from lrs.xapi.text import Parsed
from lrs.xapi.validation import validate
from lrs.xapi.version import VERSIONS

REGISTRATION = "cmi5-registration"
_ATTEMPTS = 200
"""How often a change is tried anew because another was faster; each time one of the others gets through."""

Change = Callable[[JsonObject], bool]
"""Alters a registration in place; returns whether it did."""


class Ledger:
    """Reads and changes registrations."""

    def __init__(self, records: RecordStore, statements: Statements, home_page: str) -> None:
        self._records = records
        self._statements = statements
        self._home_page = home_page

    def authority(self, registration: JsonObject) -> JsonObject:
        """Return the authority of all statements of a registration, so that its AUs may read just these."""
        # It outlives a change of the public URL, since what is found by it has to be found then too.
        home_page = registration.get("base", self._home_page)
        account = {"homePage": home_page, "name": f"cmi5/{registration['id']}"}
        return {"objectType": "Agent", "account": account}

    def create(self, registration: JsonObject) -> bool:
        """Keep a new registration; returns whether there was none of its id."""
        _check_due(registration["due"])
        registration["base"] = self._home_page
        return self._records.swap(REGISTRATION, registration["id"], None, registration)

    def find(self, registration_id: str) -> JsonObject | None:
        """Return a registration, deleted or not."""
        return self._records.get(REGISTRATION, registration_id)

    def get(self, registration_id: str) -> JsonObject:
        """Return a registration.

        Raises: NotFound (404).
        """
        registration = self.find(registration_id)
        if registration is None or registration["deleted"]:
            raise NotFound("There is no such registration.", code="cmi5-registration-not-found")
        return registration

    def change(self, registration_id: str, change: Change) -> JsonObject:
        """Return the registration after a change, which is told again each time another was faster.

        Raises: NotFound (404); BadRequest if a statement that is due would be refused; whatever `change` raises. Then
        nothing is changed.
        """
        for _ in range(_ATTEMPTS):
            old = self.get(registration_id)
            new = deepcopy(old)
            if not change(new):
                return old
            known = {one["id"] for one in old["due"]}
            _check_due([one for one in new["due"] if one["id"] not in known])
            if self._records.swap(REGISTRATION, registration_id, old, new):
                return new
        raise StoreUnavailable("Too many writers change this registration at once.")

    def say_due(self, registration: JsonObject) -> JsonObject:
        """Store what the LMS still has to say, in order, and return the registration without it."""
        due = registration["due"]
        if not due:
            return registration
        sender = Sender(self.authority(registration), may_void=False)
        for statement in due:
            batch = Batch(Parsed(statement, statement))
            self._statements.store(batch, version=VERSIONS[0], sender=sender)
        said = {statement["id"] for statement in due}

        def strike(current: JsonObject) -> bool:
            kept = [one for one in current["due"] if one["id"] not in said]
            changed = len(kept) < len(current["due"])
            current["due"] = kept
            return changed

        return self.change(registration["id"], strike)


def _check_due(statements: Sequence[JsonObject]) -> None:
    """Return if the store will take them: one that it refuses would stay due, and stop all that comes after it."""
    for statement in statements:
        validate(statement, VERSIONS[0])
