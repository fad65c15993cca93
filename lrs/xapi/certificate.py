"""X.509 certificates in the header of a signature: whether they hold together and verify it.

The only room that loads `cryptography`; `signature` opens it when a certificate is there to be read.
"""

from __future__ import annotations

import base64
from itertools import pairwise
from typing import NoReturn

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import Certificate, InvalidVersion, load_der_x509_certificate

from lrs.errors import BadRequest

MAX_CHAIN = 16
"""How many certificates are read; chains in use have two to four."""

_HASHES = {"RS256": hashes.SHA256(), "RS384": hashes.SHA384(), "RS512": hashes.SHA512()}


def verify(chain: object, *, algorithm: str, signed: bytes, signature: bytes) -> None:
    """Check that each certificate of an x5c was issued by the next, and the first one's key made the signature.

    Dates, purposes and trust are not looked at.
    Raises: BadRequest.
    Spec: Data 2.6 (1.0.3); RFC 7515, 4.1.6.
    """
    if not isinstance(chain, list) or not 0 < len(chain) <= MAX_CHAIN:
        _refuse("The x5c of the signature is not an array of 1 to 16 certificates.")
    try:
        certificates = [_certificate(text) for text in chain]
        key = certificates[0].public_key()
    except (TypeError, ValueError, InvalidVersion, UnsupportedAlgorithm):
        _refuse("A certificate in the x5c of the signature cannot be read.")
    if not isinstance(key, RSAPublicKey):
        _refuse("The first certificate in the x5c of the signature has no RSA key.")
    for certificate, issuer in pairwise(certificates):
        _check_issued(certificate, issuer)
    try:
        key.verify(signature, signed, PKCS1v15(), _HASHES[algorithm])
    except InvalidSignature:
        raise BadRequest(
            "The signature was not made with the key of its certificate.",
            code="signature-invalid",
            allowed="a signature that the first certificate in x5c verifies",
            section="Data 2.6",
        ) from None


def _certificate(text: object) -> Certificate:
    if not isinstance(text, str):
        raise TypeError
    return load_der_x509_certificate(base64.b64decode(text, validate=True))


def _check_issued(certificate: Certificate, issuer: Certificate) -> None:
    try:
        key, fingerprint = issuer.public_key(), certificate.signature_hash_algorithm
        if isinstance(key, RSAPublicKey) and isinstance(fingerprint, hashes.SHA1):
            # The library declines such certificates; the example of the specification (appendix D) has two.
            matches = certificate.issuer == issuer.subject
            key.verify(
                certificate.signature, certificate.tbs_certificate_bytes, PKCS1v15(), fingerprint
            )
        else:
            matches = True
            certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, TypeError, ValueError, UnsupportedAlgorithm):
        matches = False
    if not matches:
        _refuse("A certificate in the x5c of the signature was not issued by the next one.")


def _refuse(message: str) -> NoReturn:
    raise BadRequest(
        message,
        code="signature-certificate",
        allowed="X.509 certificates as base64 of their DER, each issued by the next",
        section="Data 2.6",
    ) from None
