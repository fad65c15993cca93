"""The one who sends a request, as far as the LRS knows."""

from __future__ import annotations

from dataclasses import dataclass

from lrs.auth.scopes import READ, READ_MINE
from lrs.errors import Forbidden
from lrs.xapi import JsonObject
from lrs.xapi.keys import authority_key


@dataclass(frozen=True, slots=True)
class Principal:
    """A credential in use: the authority of what it stores, and its rights."""

    name: str
    authority: JsonObject
    rights: frozenset[str]
    quirks: frozenset[str] = frozenset()
    """What the sender may get wrong, see lrs.xapi.quirks."""
    session: str = ""
    """The cmi5 session whose AU sends, see lrs.cmi5."""

    def may(self, right: str) -> bool:
        """Whether the credential has the right."""
        return right in self.rights

    def demand(self, right: str) -> None:
        """Raises: Forbidden (403) if the credential lacks the right."""
        if not self.may(right):
            raise Forbidden(
                "This credential may not do that.",
                code="scope",
                allowed=f"a credential with the scope {right}",
                section="Communication 4.2",
            )

    def narrow(self) -> int | None:
        """Return the key that each statement must carry to be shown, or None if all may be.

        Raises: Forbidden if no statement may be read.
        """
        if self.may(READ):
            return None
        self.demand(READ_MINE)
        return authority_key(self.authority)
