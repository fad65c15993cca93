"""What an event says of a person for good goes into the person's Agent Profile as well, where content can read it."""

from __future__ import annotations

from lrs.services.documents import Documents
from lrs.taxonomy.envelope import moment_of
from lrs.taxonomy.events import Event
from lrs.taxonomy.mapping import Mapper
from lrs.xapi import JsonObject
from lrs.xapi.agent import ifi_of
from lrs.xapi.document import JSON, Document, DocumentKey, Scope
from lrs.xapi.terms import parse_timestamp
from lrs.xapi.text import read_json, write_json

_TIME = "timestamp"


class Profiles:
    """Keeps the newest properties of events whose table names a `profile`."""

    def __init__(self, mapper: Mapper, documents: Documents) -> None:
        self._mapper = mapper
        self._documents = documents

    def keep(self, event: Event, statement: JsonObject, *, now: str) -> None:
        """Put the event's properties into its profile, unless what is there is newer."""
        agent = ifi_of(statement["actor"])
        tracked = self._mapper.tracked(statement)
        if agent is None or tracked is None:
            return
        scope = Scope(resource="agent-profile", agent=agent)
        key = DocumentKey(scope, event.table["profile"])
        moment = statement.get(_TIME, now)
        content = write_json({**tracked.properties, _TIME: moment})
        self._documents.replace(
            key, content, JSON, unless=lambda there: _is_newer(there, parse_timestamp(moment))
        )


def _is_newer(there: Document, moment: int) -> bool:
    if not there.is_json:
        return False
    value = read_json(there.content).value
    told = value.get(_TIME) if isinstance(value, dict) else None
    found = moment_of(told)
    return found is not None and found > moment
