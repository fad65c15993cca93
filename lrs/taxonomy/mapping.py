"""From an event to its statement and back, by the catalog alone: no event is known here by name.

What cannot be read back exactly from its place in the statement, such as null, is kept beside it word for word, in
the context extension `property/NAME` of the vocabulary.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from lrs.taxonomy.codecs import CODECS, Codec, person
from lrs.taxonomy.conditions import holds, outcome
from lrs.taxonomy.envelope import Envelope
from lrs.taxonomy.events import Catalog, Event, Property, Template
from lrs.taxonomy.ids import canon, slots_of
from lrs.taxonomy.problems import Problem, problem
from lrs.taxonomy.reading import Reader, Tracked
from lrs.xapi import JsonObject

_NAMESPACE = uuid.NAMESPACE_URL
_VIDEO_SESSION = "https://w3id.org/xapi/video/extensions/session-id"


class Mapper:
    """Maps events of one catalog; pure, and the same in every process."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._namespace = uuid.uuid5(_NAMESPACE, catalog.base)
        self._codecs: dict[str, Codec] = {**CODECS, "person": person(catalog.base)}
        self._reader = Reader(catalog, self._codecs)
        self._event_key = f"{catalog.vocabulary}event"
        self._kept = f"{catalog.vocabulary}property/"

    def check(self, event: Event, envelope: Envelope) -> list[Problem]:
        """Return what is wrong and what is odd about the properties of an event."""
        found = []
        properties = envelope.properties
        for one in event.properties:
            if one.name in properties:
                wrong = one.kind.problem(properties[one.name], f"/properties/{one.name}")
                if wrong is not None:
                    found.append(wrong)
            elif not one.optional:
                found.append(
                    problem("E_MISSING_PROP", f"/properties/{one.name}", allowed=one.kind.allowed)
                )
        if not properties.keys() <= event.names:
            found += [
                problem("W_EXTRA_PROP", f"/properties/{_pointed(name)}")
                for name in properties
                if name not in event.names
            ]
        if not any(one.refuses for one in found):
            told = {**properties, "user_id": envelope.user_id}
            found += [
                problem(rule["code"], f"/properties/{rule['at']}")
                for rule in event.rules
                if holds(rule["if"], told)
            ]
        return found

    def statement_of(
        self, event: Event, envelope: Envelope, *, source: str, names: bool = True
    ) -> JsonObject:
        """Return the statement of a checked event.

        `source` tells senders apart that use the same message ids; `names` is whether the sender may say what
        activities are called, which everybody then sees.
        """
        properties = {
            name: value for name, value in envelope.properties.items() if name in event.names
        }
        actor = self._actor(event, envelope)
        statement_id = str(uuid.uuid5(self._namespace, canon(event, envelope, actor, source)))
        verb, display, completion = outcome(event, properties)
        slots = slots_of(properties, envelope, statement_id)
        result: dict[str, Any] = {} if completion is None else {"completion": completion}
        extensions: dict[str, dict[str, Any]] = {"result": {**event.result}, "context": {}}
        context: dict[str, Any] = {}
        target = self._object(event, slots, properties)
        holders = {"result": result, "context": context, "object": target}
        for one in event.properties:
            if one.to == "name" and not names:
                continue
            if one.to is not None and properties.get(one.name) is not None:
                self._put(one, properties[one.name], holders, extensions)
        self._surround(event, envelope, slots, context, extensions["context"], target)
        if extensions["result"]:
            result["extensions"] = extensions["result"]
        statement = {
            "id": statement_id,
            "actor": actor,
            "verb": {"id": verb, "display": {"en": display}},
            "object": target,
            **({"result": result} if result else {}),
            "context": context,
            **({"timestamp": envelope.timestamp} if envelope.timestamp is not None else {}),
        }
        self._keep_exact(event, properties, statement)
        return statement

    def tracked(self, statement: JsonObject) -> Tracked | None:
        """Return the event that a statement was mapped from, or None if it was not."""
        return self._reader.tracked(statement)

    def event_of(self, statement: JsonObject) -> str | None:
        """Return the name of the event that a statement was mapped from, if it is in the catalog."""
        return self._reader.event_of(statement)

    def account(self, kind: str, name: str) -> JsonObject:
        """Return an account under the base, of the people ("") or of another kind."""
        home_page = f"{self.catalog.base}/{kind}" if kind else self.catalog.base
        return {"homePage": home_page, "name": name}

    def _actor(self, event: Event, envelope: Envelope) -> JsonObject:
        speaker = next((one.name for one in event.properties if one.to == "actor"), None)
        named = event.table.get("actor")
        if speaker is not None and envelope.properties.get(speaker) is not None:
            account = self.account("", str(envelope.properties[speaker]))
        elif named == "org" and envelope.org is not None:
            return {"objectType": "Group", "account": self.account("org", envelope.org)}
        elif named is None and envelope.user_id is not None:
            account = self.account("", envelope.user_id)
        elif named is None and envelope.anonymous_id is not None:
            account = self.account("anon", envelope.anonymous_id)
        else:
            account = self.account("system", envelope.source or "lms")
        return {"objectType": "Agent", "account": account}

    def _object(
        self, event: Event, slots: Mapping[str, str], properties: Mapping[str, Any]
    ) -> JsonObject:
        if event.agent is not None:
            encoded: JsonObject = self._codecs["person"].encode(properties[event.agent])
            return encoded
        template = event.object
        assert template is not None  # noqa: S101 an event has one or the other
        return self._activity(template, slots, properties)

    def _activity(
        self, template: Template, slots: Mapping[str, str], properties: Mapping[str, Any]
    ) -> JsonObject:
        kind = template.type
        if kind is None:
            kind = self.catalog.content_types[properties[template.type_by or ""]]
        pieces = template.pieces
        iri = pieces[0] + "".join(
            slots[pieces[index]] + pieces[index + 1] for index in range(1, len(pieces), 2)
        )
        return {"objectType": "Activity", "id": iri, "definition": {"type": kind}}

    def _put(
        self,
        one: Property,
        value: Any,
        holders: Mapping[str, dict[str, Any]],
        extensions: Mapping[str, dict[str, Any]],
    ) -> None:
        encoded = self._codecs[one.codec].encode(value)
        match one.to:
            case "name":
                holders["object"]["definition"]["name"] = {"und": encoded}
            case "instructor":
                holders["context"]["instructor"] = self._codecs["person"].encode(value)
            case "revision":
                holders["context"]["revision"] = encoded
            case "success" | "score" | "duration" as name:
                holders["result"][name] = encoded
            case "actor" | None:
                pass
            case place:
                where, _, iri = place.partition(":")
                extensions[where][iri] = encoded

    def _surround(
        self,
        event: Event,
        envelope: Envelope,
        slots: Mapping[str, str],
        context: dict[str, Any],
        extensions: dict[str, Any],
        target: JsonObject,
    ) -> None:
        """Put into the context what comes from the envelope and from the catalog."""
        for name, value in (("registration", envelope.registration), ("language", envelope.locale)):
            if value is not None:
                context[name] = value
        if envelope.platform is not None and target["objectType"] == "Activity":
            context["platform"] = envelope.platform
        if envelope.team is not None:
            group = {"objectType": "Group", "account": self.account("team", envelope.team)}
            context["team"] = group
        context["contextActivities"] = self._around(event, envelope, slots)
        extensions[self._event_key] = event.name
        extensions |= event.context
        if envelope.session_id is not None:
            key = (
                _VIDEO_SESSION
                if event.table.get("video")
                else f"{self.catalog.vocabulary}session-id"
            )
            extensions[key] = envelope.session_id
        if envelope.device is not None and "device_type" not in event.names:
            extensions[f"{self.catalog.vocabulary}device-type"] = envelope.device
        if event.about_user is not None and envelope.user_id is not None:
            learner = self._codecs["person"].encode(envelope.user_id)
            extensions[event.about_user.partition(":")[2]] = learner
        context["extensions"] = extensions

    def _around(self, event: Event, envelope: Envelope, slots: Mapping[str, str]) -> JsonObject:
        activities: JsonObject = {}
        for name, templates in (("parent", event.parent), ("grouping", event.grouping)):
            around = [
                self._activity(one, slots, envelope.properties)
                for one in templates
                if all(slot in slots for slot in one.slots)
            ]
            if around:
                activities[name] = around
        activities["category"] = list(event.category)
        return activities

    def _keep_exact(
        self, event: Event, properties: Mapping[str, Any], statement: JsonObject
    ) -> None:
        extensions = statement["context"]["extensions"]
        for one in event.properties:
            if one.name in properties:
                value = properties[one.name]
                found = self._reader.value(event, one, statement)
                if value is None or found != value or type(found) is not type(value):
                    extensions[self._kept + one.name] = value


def _pointed(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
