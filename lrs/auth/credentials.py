"""API credentials: a key, and a secret of which only a hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import TypeVar

from lrs.auth.principal import Principal
from lrs.auth.scopes import granted
from lrs.clock import Clock, to_iso
from lrs.stores.protocol import RecordStore
from lrs.xapi import JsonObject
from lrs.xapi.quirks import QUIRKS

_Value = TypeVar("_Value")

_KIND = "credential"
_FRESH_MICROSECONDS = 1_000_000
_CACHED = 1_000


@dataclass(frozen=True, slots=True)
class _Verified:
    secret_hash: str
    digest: bytes


class Credentials:
    """Adds, lists, revokes and verifies credentials.

    A slow hash (scrypt) protects weak secrets at rest; so that it does not burden every request, a process remembers
    a keyed digest of secrets it has verified, for as long as the stored hash stays the same. A revocation takes
    effect in every process within one second.
    """

    def __init__(self, records: RecordStore, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        self._process_key = secrets.token_bytes(32)
        self._loaded: OrderedDict[str, tuple[int, JsonObject | None]] = OrderedDict()
        self._verified: OrderedDict[str, _Verified] = OrderedDict()

    def add(
        self,
        *,
        home_page: str,
        label: str = "",
        scopes: Sequence[str] = ("all",),
        key: str | None = None,
        secret: str | None = None,
        quirks: Sequence[str] = (),
    ) -> tuple[str, str]:
        """Keep a credential, in place of one with the same key, and return (key, secret); the secret only here.

        Raises: ValueError if a scope or quirk is unknown, or the key is empty or holds a colon (it could not be sent).
        """
        granted(scopes)
        _demand_known(quirks)
        key = secrets.token_hex(16) if key is None else key
        secret = secrets.token_hex(32) if secret is None else secret
        if not key or ":" in key:
            raise ValueError("A key must not be empty or hold a colon.")
        authority = {
            "objectType": "Agent",
            "name": label or key,
            "account": {"homePage": home_page, "name": key},
        }
        record = {
            "label": label,
            "scopes": list(scopes),
            "secretHash": _hash(secret, secrets.token_hex(16)),
            "authority": authority,
            "quirks": list(quirks),
            "created": to_iso(self._clock()),
            "revoked": None,
        }
        self._records.put(_KIND, key, record)
        self._loaded.pop(key, None)
        return key, secret

    def all(self) -> Mapping[str, JsonObject]:
        """Return key -> record (label, scopes, created, revoked ...), revoked ones included."""
        return self._records.all(_KIND)

    def revoke(self, key: str) -> bool:
        """Revoke a credential; returns whether there was one in force."""
        record = self._records.get(_KIND, key)
        if record is None or record["revoked"] is not None:
            return False
        self._records.put(_KIND, key, {**record, "revoked": to_iso(self._clock())})
        self._loaded.pop(key, None)
        return True

    def renew(self, key: str, secret: str) -> None:
        """Give a credential another secret and leave all else of it, a revocation too, as it is."""
        record = self._records.get(_KIND, key)
        if record is not None:
            secret_hash = _hash(secret, secrets.token_hex(16))
            self._records.put(_KIND, key, {**record, "secretHash": secret_hash})
            self._loaded.pop(key, None)

    def tolerate(self, key: str, quirks: Sequence[str]) -> bool:
        """Set what the sender may get wrong; returns whether there is such a credential in force.

        Raises: ValueError if a quirk is unknown.
        """
        _demand_known(quirks)
        record = self._records.get(_KIND, key)
        if record is None or record["revoked"] is not None:
            return False
        self._records.put(_KIND, key, {**record, "quirks": list(quirks)})
        self._loaded.pop(key, None)
        return True

    def principal(self, key: str) -> Principal | None:
        """Return who a credential in force stands for, without asking for its secret."""
        record = self._records.get(_KIND, key)
        return None if record is None or record["revoked"] is not None else _principal(key, record)

    def verify(self, key: str, secret: str) -> Principal | None:
        """Return who it is, or None; the time taken does not tell which of the two was wrong."""
        record = self._record(key)
        secret_hash = _NOBODY if record is None else record["secretHash"]
        matches = self._matches(key, secret, secret_hash)
        if record is None or record["revoked"] is not None or not matches:
            return None
        return _principal(key, record)

    def _matches(self, key: str, secret: str, secret_hash: str) -> bool:
        digest = hashlib.blake2b(secret.encode(), key=self._process_key).digest()
        seen = self._verified.get(key)
        known = seen is not None and seen.secret_hash == secret_hash
        if seen is not None and known and compare_digest(seen.digest, digest):
            return True
        matches = compare_digest(_hash(secret, secret_hash.partition("$")[0]), secret_hash)
        if matches:
            _remember(self._verified, key, _Verified(secret_hash, digest))
        return matches

    def _record(self, key: str) -> JsonObject | None:
        now = self._clock()
        loaded = self._loaded.get(key)
        if loaded is not None and 0 <= now - loaded[0] < _FRESH_MICROSECONDS:
            return loaded[1]
        record = self._records.get(_KIND, key)
        _remember(self._loaded, key, (now, record))
        return record


def _principal(key: str, record: JsonObject) -> Principal:
    quirks = frozenset(record.get("quirks", ()))
    return Principal(key, record["authority"], granted(record["scopes"]), quirks)


def _demand_known(quirks: Sequence[str]) -> None:
    for quirk in quirks:
        if quirk not in QUIRKS:
            raise ValueError(f"{quirk} is not a quirk; there are {', '.join(QUIRKS)}.")


def _remember(cache: OrderedDict[str, _Value], key: str, value: _Value) -> None:
    cache[key] = value
    while len(cache) > _CACHED:
        cache.popitem(last=False)


def _hash(secret: str, salt: str) -> str:
    """Return "salt$hash"; 8 MB and some 15 ms of work."""
    digest = hashlib.scrypt(secret.encode(), salt=salt.encode(), n=2**13, r=8, p=1, dklen=32)
    return f"{salt}${digest.hex()}"


_NOBODY = "0$0"
