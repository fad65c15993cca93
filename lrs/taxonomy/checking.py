"""Whether the tables of a catalog file can be used: every fault with its place, before anything is mapped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from lrs.taxonomy.agreement import disagreements
from lrs.taxonomy.values import TYPES
from lrs.xapi import JsonObject
from lrs.xapi.terms import is_iri

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_KEY = re.compile(r"[a-z][a-z0-9_]*")
_SLOT = re.compile(r"\{(\*?\w+)\}")
_TEXT, _FLAG, _LIST, _TABLE = str, bool, list, dict
_EVENT_KEYS: dict[str, type] = {
    "about": _TEXT, "stage": _TEXT, "volume": _TEXT, "verb": _TEXT, "object": _TABLE, "properties": _TABLE,
    "purpose": _TEXT, "roles": _LIST, "funnel": _TEXT, "starter": _FLAG, "browser": _FLAG, "video": _FLAG,
    "completion": _FLAG, "parent": _LIST, "grouping": _LIST, "result": _TABLE, "context": _TABLE, "when": _LIST,
    "rules": _LIST, "actor": _TEXT, "without_actor": _TEXT, "about_user": _TEXT, "profile": _TEXT,
    "explicit_consent": _FLAG,
}  # fmt: skip
_DEMANDED = ("about", "stage", "volume", "verb", "object", "properties")
_CHOICES = {
    "volume": ("high", "medium", "low", "admin"),
    "funnel": ("click", "view", "completion", "withdraw"),
    "actor": ("system", "org"),
    "without_actor": ("system",),
}
_PROPERTY_KEYS: dict[str, tuple[type, ...]] = {
    "type": (str,), "to": (str,), "as": (str,), "optional": (bool,), "null": (bool,), "values": (list,),
    "min": (int, float), "max": (int, float), "above": (int, float),
}  # fmt: skip
_PLACES = ("actor", "name", "instructor", "revision", "success", "score", "duration")
_NUMBERS = {"seconds", "minutes", "hours", "days", "speed", "ratio", "rating"}
_OPERATORS = ("=", "<", ">", "missing")
_DURATIONS = {"seconds", "minutes", "hours"}
_STARRED = {"*key", "*session"}


def faults_of(content: JsonObject, terms: JsonObject, codecs: Sequence[str]) -> list[str]:
    """Return what is wrong with the content of a catalog file, a sentence with its place each."""
    events = content.get("event")
    if not isinstance(events, dict) or not events:
        return ['holds no table [event."some.name"].']
    faults = [
        f"{key}: is not known here; there is only event." for key in content if key != "event"
    ]
    for name, table in events.items():
        place = f"event.{name}"
        if _NAME.fullmatch(name) is None:
            faults.append(f"{place}: the name is not of the form thing.happened, in small letters.")
        if isinstance(table, dict):
            faults += [f"{place}.{one}" for one in _Table(table, terms, codecs).faults()]
        else:
            faults.append(f"{place}: is not a table.")
    return faults


class _Table:
    """One event's table under examination."""

    def __init__(self, table: JsonObject, terms: JsonObject, codecs: Sequence[str]) -> None:
        self._table = table
        self._prefixes = {*terms["prefix"], "V"}
        self._codecs = {*codecs, "person"}

    def faults(self) -> Iterator[str]:
        """Yield the faults; what does not go together only where each part by itself is well formed."""
        faults = list(self._shape()) or list(self._parts())
        yield from faults or disagreements(self._table)

    def _parts(self) -> Iterator[str]:
        table = self._table
        yield from self._term("verb", table["verb"])
        yield from self._templates()
        for name, about in table["properties"].items():
            for fault in self._property(name, about):
                yield f"properties.{name}: {fault}"
        for key in ("result", "context"):
            for short in table.get(key, {}):
                yield from self._term(key, short)
        if "about_user" in table:
            yield from self._place("about_user", table["about_user"])
        yield from self._conditions()

    def _shape(self) -> Iterator[str]:
        for key, value in self._table.items():
            wanted = _EVENT_KEYS.get(key)
            if wanted is None:
                yield f"{key}: is not known here; there are {', '.join(_EVENT_KEYS)}."
            elif not isinstance(value, wanted):
                yield f"{key}: is not a {wanted.__name__}."
            elif key in _CHOICES and value not in _CHOICES[key]:
                yield f"{key}: is not one of {', '.join(_CHOICES[key])}."
        for key in _DEMANDED:
            if key not in self._table:
                yield f"{key}: is missing."
        properties = self._table.get("properties")
        for name, about in properties.items() if isinstance(properties, dict) else ():
            if _KEY.fullmatch(name) is None:
                yield f"properties.{name}: the name is not in small letters, digits and underscores."
            if not isinstance(about, dict):
                yield f"properties.{name}: is not a table."
                continue
            yield from (f"properties.{name}.{one}" for one in _property_shape(about))
        for key in ("parent", "grouping", "when", "rules"):
            value = self._table.get(key, [])
            if isinstance(value, list) and not all(isinstance(one, dict) for one in value):
                yield f"{key}: is not a list of tables."

    def _templates(self) -> Iterator[str]:
        table = self._table
        target, properties = table["object"], table["properties"]
        if "agent" in target:
            if target["agent"] not in list(properties) or len(target) > 1:
                yield "object.agent: names no property."
        else:
            yield from self._template("object", target)
        for key in ("parent", "grouping"):
            for one in table.get(key, ()):
                yield from self._template(key, one)

    def _template(self, place: str, target: JsonObject) -> Iterator[str]:
        if not isinstance(target.get("id"), str) or not target.keys() <= {"id", "type", "type_by"}:
            yield f"{place}: needs an id, with type or type_by."
            return
        for slot in _SLOT.findall(target["id"]):
            if slot not in self._table["properties"] and slot not in _STARRED:
                yield f"{place}.id: {{{slot}}} is no property."
        if re.search(r"[^A-Za-z0-9/_.~-]", _SLOT.sub("", target["id"])):
            yield f"{place}.id: holds a sign that is not allowed in a path."
        if "type_by" in target:
            about = self._table["properties"].get(str(target["type_by"]), {})
            if about.get("type") != "content":
                yield f"{place}.type_by: names no property of the type content."
        elif isinstance(target.get("type"), str):
            yield from self._term(f"{place}.type", target["type"])
        else:
            yield f"{place}: needs type or type_by."

    def _property(self, name: str, about: JsonObject) -> Iterator[str]:
        if "to" in about:
            yield from self._place("to", about["to"])
        elif name not in self._slots():
            yield "its value goes nowhere: there is no `to`, and no id holds it."
        codec = about.get("as")
        if codec is not None and codec not in self._codecs:
            yield f"as: is not one of {', '.join(sorted(self._codecs))}."
        if about.get("to") == "duration" and codec not in _DURATIONS:
            yield f"as: is not one of {', '.join(sorted(_DURATIONS))}."
        is_number = about["type"] in ("integer", "number")
        if (codec in _NUMBERS or about.get("to") == "score") and not is_number:
            yield "type: is not integer or number."
        if about.get("to") == "success" and about["type"] != "boolean":
            yield "type: is not boolean."
        if about.get("to") in ("name", "revision") and about["type"] not in (
            "word",
            "title",
            "text",
            "id",
        ):
            yield "type: is not a text."
        if about.get("to") == "score" and (about.get("min", -1) < 0 or about.get("max", 101) > 100):  # noqa: PLR2004 per cent
            yield "min and max: a score runs from 0 to 100."
        if codec in _DURATIONS | {"days"} and about.get("min", -1) < 0:
            yield "min: a duration is not below 0."

    def _slots(self) -> set[str]:
        table = self._table
        targets = [table["object"], *table.get("parent", ()), *table.get("grouping", ())]
        found = {slot for one in targets for slot in _SLOT.findall(str(one.get("id", "")))}
        return found | {str(table["object"].get("agent"))}

    def _place(self, place: str, to: Any) -> Iterator[str]:
        where, colon, short = str(to).partition(":")
        if not colon and to in _PLACES:
            return
        if where not in ("result", "context") or not short:
            yield f"{place}: is not one of {', '.join(_PLACES)}, result:... or context:..."
        else:
            yield from self._term(place, short)

    def _term(self, place: str, short: str) -> Iterator[str]:
        prefix, _, rest = short.partition(":")
        whole = short if prefix in ("http", "https") else f"http://example.org/{rest}"
        if not rest or prefix not in {*self._prefixes, "http", "https"} or not is_iri(whole):
            known = ", ".join(sorted(self._prefixes))
            yield f"{place}: is neither an http(s) IRI nor prefix:name with one of {known}."

    def _conditions(self) -> Iterator[str]:
        for key, allowed in (
            ("when", {"if", "verb", "completion"}),
            ("rules", {"if", "code", "at"}),
        ):
            for case in self._table.get(key, ()):
                if not isinstance(case.get("if"), list) or not case.keys() <= allowed:
                    yield f"{key}: needs `if`, and knows {', '.join(sorted(allowed))}."
                    continue
                for one in case["if"]:
                    is_one = isinstance(one, list) and len(one) >= 3 and isinstance(one[0], str)  # noqa: PLR2004
                    if not is_one or one[1] not in _OPERATORS:
                        yield f'{key}.if: is not a list of ["property", operator, value].'
                if "verb" in case:
                    yield from self._term(f"{key}.verb", str(case["verb"]))


def _property_shape(about: JsonObject) -> Iterator[str]:
    for key, value in about.items():
        if key not in _PROPERTY_KEYS:
            yield f"{key}: is not known here; there are {', '.join(_PROPERTY_KEYS)}."
        elif not isinstance(value, _PROPERTY_KEYS[key]):
            yield f"{key}: is of the wrong type."
    if about.get("type") not in TYPES:
        yield f"type: is not one of {', '.join(TYPES)}."
