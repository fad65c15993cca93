"""Every refusal the LRS can give, as one tree of exceptions with one shape."""

from __future__ import annotations

from typing import Any, ClassVar


class LrsError(Exception):
    """A refusal that a client is told about.

    `code` is stable and machine-readable, `pointer` is an RFC 6901 JSON pointer into the request's JSON (or None),
    `allowed` says what would have been accepted, `section` cites the specification.
    """

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "internal"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        pointer: str | None = None,
        allowed: str | None = None,
        section: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.pointer = pointer
        self.allowed = allowed
        self.section = section

    def under(self, prefix: str) -> LrsError:
        """Return this refusal with `prefix` (such as "/3") put before its pointer."""
        self.pointer = prefix + (self.pointer or "")
        return self

    def as_json(self) -> dict[str, Any]:
        """Return the one JSON shape of a refusal; absent parts are left out."""
        parts = {
            "status": self.status,
            "code": self.code,
            "message": self.message,
            "pointer": self.pointer,
            "allowed": self.allowed,
            "section": self.section,
        }
        return {name: part for name, part in parts.items() if part is not None}


class BadRequest(LrsError):
    status = 400
    default_code = "bad-request"


class Unauthorized(LrsError):
    status = 401
    default_code = "unauthorized"


class Forbidden(LrsError):
    status = 403
    default_code = "forbidden"


class NotFound(LrsError):
    status = 404
    default_code = "not-found"


class MethodNotAllowed(LrsError):
    status = 405
    default_code = "method-not-allowed"


class Conflict(LrsError):
    status = 409
    default_code = "conflict"


class PreconditionFailed(LrsError):
    status = 412
    default_code = "precondition-failed"


class TooLarge(LrsError):
    status = 413
    default_code = "too-large"


class TooSlow(LrsError):
    """What was asked for took longer than anybody is to wait."""

    status = 504
    default_code = "too-slow"


class Busy(LrsError):
    """Others are served first; the client may try again after `retry_after` seconds."""

    status = 503
    default_code = "busy"
    retry_after = 10


class StoreUnavailable(LrsError):
    """The store did not answer; the client may try again after `retry_after` seconds."""

    status = 503
    default_code = "store-unavailable"
    retry_after = 5
