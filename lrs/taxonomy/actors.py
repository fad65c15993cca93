"""Who did it: whether an event and what came around it name one, and only one."""

from __future__ import annotations

from lrs.taxonomy.envelope import Envelope
from lrs.taxonomy.events import Event
from lrs.taxonomy.problems import Problem, problem


def has_actor(envelope: Envelope) -> bool:
    """Whether the envelope names somebody."""
    return envelope.user_id is not None or envelope.anonymous_id is not None or envelope.system


def actor_problems(event: Event, envelope: Envelope) -> list[Problem]:
    """Return what is wrong with who the envelope says did it."""
    named = event.table.get("actor")
    speaks = any(one.to == "actor" for one in event.properties)
    if event.about_user is not None and envelope.user_id is None:
        return [problem("E_ACTOR", "/userId", allowed="the id of the learner it is about")]
    if envelope.system and named is None and (envelope.user_id or envelope.anonymous_id):
        return [problem("E_ACTOR", "/system", allowed="a person, or system, not both")]
    needs_one = named is None and not speaks and not event.table.get("without_actor")
    if needs_one and not has_actor(envelope):
        return [problem("E_ACTOR", "/userId", allowed="userId, anonymousId or system: true")]
    return []
