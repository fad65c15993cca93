"""The one who sends a request, as far as the LRS knows."""

from __future__ import annotations

from dataclasses import dataclass

from lrs.auth.roles import Reach
from lrs.auth.scopes import READ, READ_MINE
from lrs.errors import Forbidden
from lrs.xapi import JsonObject
from lrs.xapi.keys import agent_key, authority_key


@dataclass(frozen=True, slots=True)
class Principal:
    """A credential or an account in use: the authority of what it stores, and its rights."""

    name: str
    authority: JsonObject
    rights: frozenset[str]
    quirks: frozenset[str] = frozenset()
    """What the sender may get wrong, see lrs.xapi.quirks."""
    session: str = ""
    """The cmi5 session whose AU sends, see lrs.cmi5."""
    role: str = ""
    """The role of an account, see lrs.auth.roles."""
    reach: Reach = Reach.EVERYONE
    """Whose data the rights are about."""
    agent: JsonObject | None = None
    """Who the person behind an account is in statements."""

    def may(self, right: str) -> bool:
        """Whether the credential has the right."""
        return right in self.rights

    def demand(self, right: str) -> None:
        """Raises: Forbidden (403) if the credential lacks the right."""
        if not self.may(right):
            holder, grant = ("account", "a role") if self.role else ("credential", "a credential")
            raise Forbidden(
                f"This {holder} may not do that.",
                code="scope",
                allowed=f"{grant} with the {'right' if self.role else 'scope'} {right}",
                section="Communication 4.2",
            )

    def demand_everyone(self) -> None:
        """Raises: Forbidden (403) if one's rights are about some people's data only."""
        if self.reach is not Reach.EVERYONE:
            raise Forbidden("This is about everybody.", allowed="a role that sees everyone's data")

    def narrow(self) -> int | None:
        """Return the key that each statement must carry to be shown, or None if all may be.

        Raises: Forbidden if no statement may be read.
        """
        if self.may(READ):
            return None
        self.demand(READ_MINE)
        return authority_key(self.authority)

    def known_agent(self) -> JsonObject:
        """Return who the person behind an account is in statements.

        Raises: Forbidden if nobody has said that yet.
        """
        if self.agent is None:
            raise Forbidden(
                "Nobody has said yet who you are in statements.",
                code="no-agent",
                allowed="an agent that an administrator gives to your account",
            )
        return self.agent

    def narrow_people(self) -> int | None:
        """Return the key of the agent that each statement on a page must be about, or None if all may be shown.

        Raises: Forbidden if the account's person is not known, or may see a team's data: that is for reports.
        """
        if self.reach is Reach.EVERYONE:
            return None
        if self.reach is not Reach.SELF:
            raise Forbidden("A team's statements are not shown one by one.", allowed="its reports")
        return agent_key(self.known_agent(), related=False)
