"""What the LRS knows of one agent or one activity."""

from __future__ import annotations

from lrs.stores.protocol import Store
from lrs.xapi import JsonObject
from lrs.xapi.agent import person_of
from lrs.xapi.keys import agent_key
from lrs.xapi.query import StatementQuery

_LOOKED_AT = 50
"""How many of an agent's newest statements are looked at for names."""


class Lookups:
    """Finds persons and activities."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def person(self, agent: JsonObject, *, narrowed: int | None) -> JsonObject:
        """Return the Person of an agent: its identifier, and the names under which it was seen lately.

        `narrowed` is the authority key that a statement must carry for its names to be told, or None.
        Spec: Communication 2.4 (1.0.3).
        """
        keys = (agent_key(agent, related=False), *(() if narrowed is None else (narrowed,)))
        page = self._store.statements.find(StatementQuery(keys=keys, limit=_LOOKED_AT))
        return person_of(agent, [entry.statement for entry in page.entries])

    def activity(self, iri: str) -> JsonObject:
        """Return the activity with all that statements say of it; one that was never seen has just its id.

        Spec: Communication 2.5 (1.0.3); 4.1.6.4 (2.0).
        """
        definition = self._store.activities.definitions([iri]).get(iri)
        bare = {"objectType": "Activity", "id": iri}
        return bare if definition is None else {**bare, "definition": definition}
