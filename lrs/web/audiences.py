"""Who asks for a report: from the table of roles to whose data is counted, on every face alike."""

from __future__ import annotations

from lrs.analytics.audience import Audience
from lrs.auth.roles import Reach
from lrs.auth.scopes import ACTIVITY, NAMES
from lrs.web import context
from lrs.xapi import JsonObject


def audience() -> Audience:
    """Return whose data the one who asks may see, and how.

    A learner's own data is never hidden for being that of a small group.
    Raises: Forbidden (403) if nobody has said yet who the account's person is.
    """
    services, visitor = context.services(), context.principal()
    names, least = visitor.may(NAMES), services.config.small_group
    if visitor.reach is Reach.EVERYONE:
        return Audience(names=names, least=least, obligations=not visitor.may(ACTIVITY))
    agent = visitor.known_agent()
    if visitor.reach is Reach.TEAM:
        return Audience("team", services.people.manager_of(agent), names=names, least=least)
    return own_audience(agent)


def own_audience(agent: JsonObject) -> Audience:
    """Return the audience of what is kept about an agent itself."""
    return Audience("self", context.services().people.learner_of(agent))
