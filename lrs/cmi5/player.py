"""What CATAPULT's player has beside ours: tenants, bearer tokens, and small numbers as ids."""

from __future__ import annotations

import secrets

from lrs.clock import Clock, to_iso
from lrs.cmi5.access import digest
from lrs.errors import NotFound, StoreUnavailable
from lrs.stores.protocol import RecordStore
from lrs.xapi import JsonObject

_TENANT = "cmi5-tenant"
_TOKEN = "cmi5-bearer"  # noqa: S105 the kind of record
_COUNT = "cmi5-count"
_NUMBER = "cmi5-number"
_NUMBERED = "cmi5-numbered"
_ATTEMPTS = 200
_DIGITS = 18


class Player:
    """Tenants keep courses apart; each has tokens; each course, registration and session has a number."""

    def __init__(self, records: RecordStore, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    def add_tenant(self, code: str) -> JsonObject:
        """Return the tenant of a code, a new one if there is none yet."""
        for number, tenant in self._records.all(_TENANT).items():
            if tenant["code"] == code:
                return {"id": int(number), **tenant}
        number = str(self._next("tenant"))
        tenant = {"code": code, "created": to_iso(self._clock())}
        self._records.put(_TENANT, number, tenant)
        return {"id": int(number), **tenant}

    def delete_tenant(self, number: str) -> bool:
        """Delete a tenant and its tokens; returns whether there was one."""
        for name, token in self._records.all(_TOKEN).items():
            if token["tenant"] == number:
                self._records.delete(_TOKEN, name)
        return self._records.delete(_TENANT, number)

    def token(self, number: str, audience: str) -> str:
        """Return a new bearer token of a tenant; only here.

        Raises: NotFound (404).
        """
        if self._records.get(_TENANT, number) is None:
            raise NotFound("There is no such tenant.", code="cmi5-tenant-not-found")
        token = secrets.token_urlsafe(32)
        record = {"tenant": number, "audience": audience, "created": to_iso(self._clock())}
        self._records.put(_TOKEN, digest(token), record)
        return token

    def tenant_of(self, token: str) -> str | None:
        """Return the number of the tenant whose token it is."""
        record = self._records.get(_TOKEN, digest(token))
        return None if record is None else str(record["tenant"])

    def forget(self, kind: str, id: str) -> None:
        """Take the number of a course, registration or session back; nothing else gets it."""
        found = self._records.get(_NUMBERED, f"{kind}/{id}")
        if found is not None:
            self._records.delete(_NUMBER, f"{kind}/{found['number']}")
            self._records.delete(_NUMBERED, f"{kind}/{id}")

    def number(self, kind: str, id: str) -> int:
        """Return the number of a course, registration or session; it gets one when it is first asked for."""
        name = f"{kind}/{id}"
        found = self._records.get(_NUMBERED, name)
        if found is None:
            number = self._next(kind)
            self._records.put(_NUMBER, f"{kind}/{number}", {"id": id})
            if self._records.swap(_NUMBERED, name, None, {"number": number}):
                return number
            found = self._records.get(_NUMBERED, name) or {"number": number}
        return int(found["number"])

    def id(self, kind: str, name: str) -> str:
        """Return the id of a number; what is no number is an id already."""
        if not (name.isascii() and name.isdigit() and len(name) <= _DIGITS):
            return name.lower()
        found = self._records.get(_NUMBER, f"{kind}/{int(name)}")
        return name if found is None else str(found["id"])

    def _next(self, kind: str) -> int:
        for _ in range(_ATTEMPTS):
            old = self._records.get(_COUNT, kind)
            number = 1 if old is None else int(old["number"]) + 1
            if self._records.swap(_COUNT, kind, old, {"number": number}):
                return number
        raise StoreUnavailable("Too many writers ask for a number at once.")
