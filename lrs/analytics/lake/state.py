"""How a lake stands, and why it may refuse."""

from __future__ import annotations

from dataclasses import dataclass

from lrs.errors import LrsError


class LakeOutdated(LrsError):
    """The lake holds facts of another version of the LRS, of another time zone, or of other definitions."""

    status = 503
    default_code = "lake-outdated"


class LakeBusy(LrsError):
    """Other processes kept writing to the lake."""

    status = 503
    default_code = "lake-busy"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version of the lake."""

    version: int
    files: tuple[str, ...]
    through: int
    """The moment up to which every statement is in, in microseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Status:
    """How the lake stands; sequences are microseconds since 1970."""

    uri: str
    version: int
    facts: int
    files: int
    bytes: int
    projected: int
    waiting: int
    current: bool
