"""Seals for files that leave the LRS: whoever has its public key can tell, without it, that a file is untouched.

A seal is the Ed25519 signature (RFC 8032) of the file's bytes, and nothing else: any tool verifies it.
"""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from lrs.errors import BadRequest
from lrs.stores.protocol import RecordStore

_META, _NAME = "meta", "sealing"


class Seal:
    """The key of a store, made when it is first wanted; its secret half never leaves the store."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records
        self._key: Ed25519PrivateKey | None = None

    def of(self, content: bytes) -> bytes:
        """Return the seal of a file: 64 bytes."""
        return self._known_key().sign(content)

    def public_key(self) -> bytes:
        """Return the key that verifies seals, as PEM."""
        public = self._known_key().public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def _known_key(self) -> Ed25519PrivateKey:
        while self._key is None:
            record = self._records.get(_META, _NAME)
            if record is None:
                made = Ed25519PrivateKey.generate().private_bytes_raw().hex()
                self._records.swap(_META, _NAME, None, {"secret": made})
            else:
                self._key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(record["secret"]))
        return self._key


def is_untouched(content: bytes, seal: bytes, key: bytes) -> bool:
    """Return whether the seal is that of the content by the secret half of the key, which is PEM.

    Raises: BadRequest if the key is none for seals.
    """
    try:
        public_key = load_pem_public_key(key)
    except ValueError:
        public_key = None
    if not isinstance(public_key, Ed25519PublicKey):
        raise BadRequest("This is no key for seals.", code="seal-key", allowed="a PEM file of it")
    try:
        public_key.verify(seal, content)
    except InvalidSignature:
        return False
    return True


def fingerprint(key: bytes) -> str:
    """Return what tells a public key in PEM from others, short enough to be read out: 64 bits in hex."""
    told = hashlib.sha256(key).hexdigest()
    return " ".join(told[start : start + 4] for start in range(0, 16, 4))
