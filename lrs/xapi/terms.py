"""Strings with a form: IRIs, UUIDs, times, durations, language tags, mailboxes and hashes.

The patterns are those of `schemas/common.json`, here put together from named parts; a test holds the two equal.
They shun look-around and back-references, so that every engine reads them alike and in linear time.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NoReturn

from lrs.errors import BadRequest

# Shape only: content tools send hosts with underscores and ports that are words (Data 2.2: best effort is allowed).
IRI = re.compile(r'^[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20"<>\\^`{|}\x7f-\xa0]+$')
UUID = re.compile(r"^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$")
SHA1 = re.compile(r"^[0-9A-Fa-f]{40}$")
SHA2 = re.compile(r"^(?:[0-9A-Fa-f]{56}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{128})$")
# Of the local part only what a mailto IRI may hold plainly: "?" opens its headers, "," another address.
_LOCAL = r'\x00-\x20"(),:;<>?@\[\\\]\x7f-\xa0'
_LABEL = r'\x00-\x20"(),./:;<>?@\[\\\]\x7f-\xa0'
_NAME = f"[^{_LABEL}-](?:[^{_LABEL}]*[^{_LABEL}-])?"
MBOX = re.compile(
    f"^mailto:[^{_LOCAL}/][^{_LOCAL}]*@(?:{_NAME}(?:[.]{_NAME})*|\\[[0-9A-Za-z:.]+\\])$"
)

_MONTH = "(?:0[1-9]|1[0-2])"
_DAY = "(?:0[1-9]|[12][0-9]|3[01])"
_HOUR = "(?:[01][0-9]|2[0-4])"
_SECOND = "(?:[0-5][0-9]|60)"
_EXTENDED = f"[0-9]{{4}}-{_MONTH}-{_DAY}[Tt]{_HOUR}(?::[0-5][0-9](?::{_SECOND})?)?"
_BASIC = f"[0-9]{{4}}{_MONTH}{_DAY}[Tt]{_HOUR}(?:[0-5][0-9]{_SECOND}?)?"
_ZONE = (
    "[Zz]|[+](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?"
    "|-(?:0[1-9]|1[0-9]|2[0-3])(?::?[0-5][0-9])?|-00:?(?:0[1-9]|[1-5][0-9])"
)
TIMESTAMP = re.compile(f"^(?:{_EXTENDED}|{_BASIC})(?:[.,][0-9]+)?(?:{_ZONE})?$")

_HOUR_BELOW_24 = "(?:[01][0-9]|2[0-3])"
RFC_3339 = re.compile(
    f"[0-9]{{4}}-{_MONTH}-{_DAY}[Tt]{_HOUR_BELOW_24}:[0-5][0-9]:{_SECOND}(?:[.][0-9]+)?"
    f"(?:[Zz]|[+-]{_HOUR_BELOW_24}:[0-5][0-9])"
)
"""The profile of TIMESTAMP that 2.0 demands."""

# Only the last component may have a fraction, and weeks stand alone.
_LAST = "[0-9]+(?:[.,][0-9]+)?"
_YEARS, _MONTHS, _DAYS, _HOURS = (f"(?:[0-9]+{letter})?" for letter in "YMDH")
_TIME = f"T(?:{_HOURS}{_MONTHS}{_LAST}S|{_HOURS}{_LAST}M|{_LAST}H)"
DURATION = re.compile(
    f"^P(?:{_LAST}W|{_YEARS}{_MONTHS}{_LAST}D|{_YEARS}{_LAST}M|{_LAST}Y"
    f"|{_YEARS}{_MONTHS}{_DAYS}{_TIME})$"
)

_LANGUAGE = "(?:[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})"
_SCRIPT = "(?:-[A-Za-z]{4})?"
_REGION = "(?:-(?:[A-Za-z]{2}|[0-9]{3}))?"
_VARIANTS = "(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"
_EXTENSIONS = "(?:-[0-9A-WYZa-wyz](?:-[A-Za-z0-9]{2,8})+)*"
_PRIVATE = "[Xx](?:-[A-Za-z0-9]{1,8})+"
_GRANDFATHERED = (
    "[Ii]-[A-Za-z]{3,8}|[Ee][Nn]-[Gg][Bb]-[Oo][Ee][Dd]"
    "|[Ss][Gg][Nn]-(?:[Bb][Ee]-(?:[Ff][Rr]|[Nn][Ll])|[Cc][Hh]-[Dd][Ee])"
)
LANGUAGE_TAG = re.compile(
    f"^(?:{_LANGUAGE}{_SCRIPT}{_REGION}{_VARIANTS}{_EXTENSIONS}(?:-{_PRIVATE})?"
    f"|{_PRIVATE}|{_GRANDFATHERED})$"
)

_CLOCK = re.compile(r"([0-9:]+)(?:[.,]([0-9]+))?(.*)")
_FINE_SECONDS = re.compile(r"([.,])([0-9]+)S$")

_MINUTE = 60_000_000
_UNITS = {2: 60 * _MINUTE, 4: _MINUTE, 6: 1_000_000}
_EPOCH = date(1970, 1, 1).toordinal()
_DAY_LENGTH = 24 * 60 * _MINUTE
_EARLIEST = (date.min.toordinal() - _EPOCH) * _DAY_LENGTH
_LATEST = (date.max.toordinal() + 1 - _EPOCH) * _DAY_LENGTH - 1


def is_iri(text: str) -> bool:
    """Whether the text has a scheme and no sign that RFC 3987 forbids; IRLs and URIs are checked as IRIs.

    Spec: Data 2.2, 4.3 (1.0.3).
    """
    return IRI.fullmatch(text) is not None


def is_duration(text: str) -> bool:
    """Whether the text is an ISO 8601 duration in the form with designators. Spec: Data 4.6 (1.0.3)."""
    return DURATION.fullmatch(text) is not None


def is_language_tag(text: str) -> bool:
    """Whether the lengths of the subtags follow RFC 5646. Spec: Data 2.2, 4.2 (1.0.3)."""
    return LANGUAGE_TAG.fullmatch(text) is not None


def is_mbox(text: str) -> bool:
    """Whether the text is a mailto IRI of one address. Spec: Data 2.4.2.3 (1.0.3)."""
    return MBOX.fullmatch(text) is not None


def is_sha1(text: str) -> bool:
    """Whether the text can be an mbox_sha1sum. Spec: Data 2.4.2.3 (1.0.3)."""
    return SHA1.fullmatch(text) is not None


def is_sha2(text: str) -> bool:
    """Whether the text can be the hex digest of a member of the SHA-2 family. Spec: Data 2.4.11 (1.0.3)."""
    return SHA2.fullmatch(text) is not None


def normalise_mbox(text: str) -> str:
    """Return the mailto IRI with the domain in lower case, the one part whose case means nothing.

    Spec: Data 2.3.1, 2.4.2.3 (1.0.3).
    """
    local, at, domain = text.rpartition("@")
    return local + at + domain.lower()


def parse_uuid(text: str) -> str:
    """Return the UUID in lower case. Every variant is accepted: 1.0.3 only recommends RFC 4122.

    Raises: BadRequest if it is not in the standard string form.
    Spec: Data 2.4.1, 4.4 (1.0.3).
    """
    if UUID.fullmatch(text) is None:
        raise BadRequest(
            "The value is not a UUID.",
            code="uuid",
            allowed="a UUID in the standard string form",
            section="Data 4.4",
        )
    return text.lower()


def parse_timestamp(text: str) -> int:
    """Return the moment in microseconds since 1970-01-01T00:00:00Z; finer parts are cut off.

    A time without zone is taken as UTC; second 60 is the first of the next minute.
    Raises: BadRequest if the text is no timestamp, its day is not in the calendar, or the moment lies outside the
    years 1 to 9999 in UTC.
    Spec: Data 4.5 (1.0.3); offsets of minus nought are refused with RFC 3339 and ISO 8601.
    """
    if TIMESTAMP.fullmatch(text) is None:
        _refuse_timestamp("The value is not a timestamp.")
    calendar, _, rest = text.upper().partition("T")
    parts = _CLOCK.fullmatch(rest)
    assert parts is not None  # noqa: S101 TIMESTAMP has matched
    clock, fraction, zone = parts[1].replace(":", ""), parts[2] or "", parts[3]
    days = _days(calendar.replace("-", ""))
    time = int(clock[:2]) * 60 * _MINUTE + int(clock[2:4] or 0) * _MINUTE
    time += int(clock[4:] or 0) * 1_000_000
    # Eighteen digits of an hour are far below a microsecond; more would cost time and tell nothing.
    time += int(fraction[:18].ljust(18, "0")) * _UNITS[len(clock)] // 10**18
    if time > _DAY_LENGTH and clock[:2] == "24":
        _refuse_timestamp("The timestamp lies beyond hour 24.")
    moment = days * _DAY_LENGTH + time - _offset(zone)
    if not _EARLIEST <= moment <= _LATEST:
        _refuse_timestamp("The timestamp lies outside the years 1 to 9999.")
    return moment


def comparable_duration(text: str) -> str:
    """Return the duration with its seconds cut, never rounded, to hundredths and without closing zeros.

    Otherwise it stays as it was spelled, since "PT60S" and "PT1M" are different durations to xAPI.
    Spec: Data 2.3.1, 4.6 (1.0.3).
    """
    return _FINE_SECONDS.sub(_cut, text)


def _cut(fraction: re.Match[str]) -> str:
    hundredths = fraction[2][:2].rstrip("0")
    return f"{fraction[1]}{hundredths}S" if hundredths else "S"


def _days(digits: str) -> int:
    """Return the days since the epoch of a YYYYMMDD."""
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        _refuse_timestamp("The day of the timestamp is not in the calendar.")
    return day.toordinal() - _EPOCH


def _offset(zone: str) -> int:
    """Return the microseconds by which the zone is ahead of UTC."""
    if zone in ("", "Z"):
        return 0
    digits = zone[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return (-minutes if zone[0] == "-" else minutes) * _MINUTE


def _refuse_timestamp(message: str) -> NoReturn:
    raise BadRequest(
        message,
        code="timestamp",
        allowed="an ISO 8601 timestamp, such as 2026-01-31T12:00:00.123Z",
        section="Data 4.5",
    )
