"""The inbox of rejected statements: what was refused, why, from whom; kept within bounds, to be sent in again."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from lrs.clock import Clock, to_iso
from lrs.errors import LrsError
from lrs.stores.protocol import RecordStore
from lrs.xapi import JsonObject

_KIND = "reject"
MAX_REJECTS = 1_000
"""How many are kept; the oldest make room for new ones."""
MAX_BODY = 262_144
"""Bytes of a request's body that are kept; of a longer one only the refusal is."""


@dataclass(frozen=True, slots=True)
class RejectedRequest:
    """A request to store statements, as it came."""

    credential: str
    method: str
    statement_id: str | None
    version: str
    content_type: str
    body: bytes


class Rejects:
    """Keeps, lists and removes rejected requests."""

    def __init__(self, records: RecordStore, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    def keep(self, request: RejectedRequest, refusal: LrsError) -> None:
        """Keep a rejected request and its refusal."""
        now = self._clock()
        record = {
            "when": to_iso(now),
            "credential": request.credential,
            "method": request.method,
            "statementId": request.statement_id,
            "version": request.version,
            "contentType": request.content_type,
            "refusal": refusal.as_json(),
            **_body(request.body),
        }
        # Names in the order of time; the end tells apart what came in the same microsecond.
        self._records.put(_KIND, f"{now:016d}-{secrets.token_hex(3)}", record)
        names = self._records.names(_KIND)
        for name in names[: max(0, len(names) - MAX_REJECTS)]:
            self._records.delete(_KIND, name)

    def all(self) -> Mapping[str, JsonObject]:
        """Return id -> record, the oldest first."""
        return self._records.all(_KIND)

    def get(self, name: str) -> JsonObject | None:
        """Return a record."""
        return self._records.get(_KIND, name)

    def remove(self, name: str) -> bool:
        """Forget a record; returns whether there was one."""
        return self._records.delete(_KIND, name)

    def refuse_again(self, name: str, record: JsonObject, refusal: LrsError) -> None:
        """Note why a record was refused when it was sent in again."""
        self._records.put(_KIND, name, {**record, "refusal": refusal.as_json()})


def body_of(record: JsonObject) -> bytes | None:
    """Return the body of a rejected request, or None if it was too long to be kept."""
    if "bodyBase64" in record:
        return base64.b64decode(record["bodyBase64"])
    body: str | None = record.get("body")
    return None if body is None else body.encode()


def _body(body: bytes) -> JsonObject:
    if len(body) > MAX_BODY:
        return {"bodyLeftOut": len(body)}
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"bodyBase64": base64.b64encode(body).decode()}
