"""API credentials: a key, and a secret of which only a hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hmac import compare_digest

from lrs.auth.keys import Keys, remember
from lrs.auth.principal import Principal
from lrs.auth.scopes import granted
from lrs.clock import Clock
from lrs.stores.protocol import RecordStore
from lrs.xapi import JsonObject
from lrs.xapi.quirks import QUIRKS


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
        self._keys = Keys(records, clock, kind="credential")
        self._process_key = secrets.token_bytes(32)
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
        self._keys.add(
            key,
            home_page=home_page,
            label=label,
            scopes=list(scopes),
            secretHash=_hash(secret, secrets.token_hex(16)),
            quirks=list(quirks),
        )
        return key, secret

    def all(self) -> Mapping[str, JsonObject]:
        """Return key -> record (label, scopes, created, revoked ...), revoked ones included."""
        return self._keys.all()

    def revoke(self, key: str) -> bool:
        """Revoke a credential; returns whether there was one in force."""
        return self._keys.revoke(key)

    def renew(self, key: str, secret: str) -> None:
        """Give a credential another secret and leave all else of it, a revocation too, as it is."""
        self._keys.change(key, secretHash=_hash(secret, secrets.token_hex(16)))

    def tolerate(self, key: str, quirks: Sequence[str]) -> bool:
        """Set what the sender may get wrong; returns whether there is such a credential in force.

        Raises: ValueError if a quirk is unknown.
        """
        _demand_known(quirks)
        there = self._keys.in_force(key) is not None
        if there:
            self._keys.change(key, quirks=list(quirks))
        return there

    def principal(self, key: str) -> Principal | None:
        """Return who a credential in force stands for, without asking for its secret."""
        record = self._keys.in_force(key)
        return None if record is None else _principal(key, record)

    def verify(self, key: str, secret: str) -> Principal | None:
        """Return who it is, or None; the time taken does not tell which of the two was wrong."""
        record = self._keys.recent(key)
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
            remember(self._verified, key, _Verified(secret_hash, digest))
        return matches


def _principal(key: str, record: JsonObject) -> Principal:
    quirks = frozenset(record.get("quirks", ()))
    return Principal(key, record["authority"], granted(record["scopes"]), quirks)


def _demand_known(quirks: Sequence[str]) -> None:
    for quirk in quirks:
        if quirk not in QUIRKS:
            raise ValueError(f"{quirk} is not a quirk; there are {', '.join(QUIRKS)}.")


def _hash(secret: str, salt: str) -> str:
    """Return "salt$hash"; 8 MB and some 15 ms of work."""
    digest = hashlib.scrypt(secret.encode(), salt=salt.encode(), n=2**13, r=8, p=1, dklen=32)
    return f"{salt}${digest.hex()}"


_NOBODY = "0$0"
