"""The catalog of events: read from TOML tables, checked, and put together for one base address."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lrs.taxonomy.checking import faults_of
from lrs.taxonomy.codecs import CODECS, LONGEST
from lrs.taxonomy.values import Kind
from lrs.xapi import JsonObject

FOLDER = Path(__file__).parent
STAGES = ("acquire", "activate", "engage", "monetise", "advocate", "operational")
_SLOT = re.compile(r"\{(\*?\w+)\}")


@dataclass(frozen=True, slots=True)
class Property:
    """A property of an event, and where in the statement its value goes besides ids."""

    name: str
    kind: Kind
    optional: bool
    to: str | None
    """actor, name, instructor, revision, success, score, duration, or result:IRI or context:IRI of an extension."""
    codec: str


@dataclass(frozen=True, slots=True)
class Template:
    """An activity whose id holds the values of properties."""

    pieces: tuple[str, ...]
    """Text and names of slots in turn; the first and the last are text."""
    pattern: re.Pattern[str]
    type: str | None
    type_by: str | None
    """The property whose value says the type, if `type` is None."""

    @property
    def slots(self) -> tuple[str, ...]:
        """The names in the order of their places; those with a star are no properties."""
        return self.pieces[1::2]


@dataclass(frozen=True, slots=True)
class Event:
    """An event of the catalog, ready for mapping."""

    name: str
    table: JsonObject
    """As the TOML file has it, for roles, page and report."""
    properties: tuple[Property, ...]
    names: frozenset[str]
    verb: str
    display: str
    object: Template | None
    agent: str | None
    """The property that names the object, if that is a person."""
    parent: tuple[Template, ...]
    grouping: tuple[Template, ...]
    category: tuple[JsonObject, ...]
    result: Mapping[str, Any]
    context: Mapping[str, Any]
    cases: tuple[tuple[tuple[Any, ...], JsonObject], ...]
    rules: tuple[JsonObject, ...]
    about_user: str | None

    @property
    def stage(self) -> str:
        """The stage of the life cycle."""
        return str(self.table["stage"])

    @property
    def purpose(self) -> str:
        """What it is collected for: learning, or commerce, marketing, ops, integrity."""
        return str(self.table.get("purpose", "learning"))


class Catalog:
    """The events of one LRS under its base address."""

    def __init__(self, tables: Mapping[str, JsonObject], base: str) -> None:
        """Put the checked tables together; `base` has no closing slash."""
        self.base = base
        self.vocabulary = f"{base}/vocab/"
        self.tables = tables
        self._prefixes = {**terms()["prefix"], "V": self.vocabulary}
        self.content_types = {name: self.term(one) for name, one in terms()["content"].items()}
        self.events = {name: self._event(name, table) for name, table in tables.items()}

    def term(self, short: str) -> str:
        """Return the IRI of "prefix:name"; what has no known prefix is an IRI already."""
        prefix, colon, rest = short.partition(":")
        return self._prefixes[prefix] + rest if colon and prefix in self._prefixes else short

    def _event(self, name: str, table: JsonObject) -> Event:
        target = table["object"]
        properties = tuple(self._property(one, about) for one, about in table["properties"].items())
        return Event(
            name=name,
            table=table,
            properties=properties,
            names=frozenset(one.name for one in properties),
            verb=self.term(table["verb"]),
            display=re.split("[/:]", table["verb"])[-1],
            object=None if "agent" in target else self._template(target),
            agent=target.get("agent"),
            parent=tuple(map(self._template, table.get("parent", ()))),
            grouping=tuple(map(self._template, table.get("grouping", ()))),
            category=self._category(table),
            result={self.term(key): value for key, value in table.get("result", {}).items()},
            context={self.term(key): value for key, value in table.get("context", {}).items()},
            cases=tuple((tuple(case["if"]), self._case(case)) for case in table.get("when", ())),
            rules=tuple(table.get("rules", ())),
            about_user=self._place(table.get("about_user")),
        )

    def _case(self, case: JsonObject) -> JsonObject:
        changes = {name: value for name, value in case.items() if name != "if"}
        if "verb" in case:
            changes["display"] = re.split("[/:]", case["verb"])[-1]
            changes["verb"] = self.term(case["verb"])
        return changes

    def _property(self, name: str, about: JsonObject) -> Property:
        to = self._place(about.get("to"))
        codec = about.get("as") or {"score": "score", "revision": "revision"}.get(to or "", "as-is")
        return Property(name, kind_of(about), about.get("optional", False), to, codec)

    def _place(self, to: str | None) -> str | None:
        if to is None or ":" not in to:
            return to
        where, _, short = to.partition(":")
        return f"{where}:{self.term(short)}"

    def _template(self, table: JsonObject) -> Template:
        whole = f"{self.base}/{table['id']}".rstrip("/")
        pieces = tuple(_SLOT.split(whole))
        pattern = "".join(
            "([^/]*)" if index % 2 else re.escape(piece) for index, piece in enumerate(pieces)
        )
        kind = self.term(table["type"]) if "type" in table else None
        return Template(pieces, re.compile(pattern), kind, table.get("type_by"))

    def _category(self, table: JsonObject) -> tuple[JsonObject, ...]:
        ids = [f"{self.vocabulary}profile/edtech-taxonomy/v1"]
        if table.get("video"):
            ids.append("https://w3id.org/xapi/video")
        if table.get("purpose", "learning") != "learning":
            ids.append(f"{self.vocabulary}category/{table['purpose']}")
        return tuple({"objectType": "Activity", "id": one} for one in ids)


def kind_of(about: JsonObject) -> Kind:
    """Return what the values of a property must be."""
    values = about.get("values")
    if about["type"] == "currency":
        values = terms()["currency"]["codes"].split()
    elif about["type"] == "content":
        values = terms()["content"]
    return Kind(
        about["type"],
        minimum=about.get("min"),
        maximum=about.get("max", LONGEST.get(about.get("as", ""))),
        above=about.get("above"),
        values=None if values is None else frozenset(values),
        null=about.get("null", False),
    )


def schema_of(name: str, table: JsonObject) -> JsonObject:
    """Return the JSON Schema of an event's name and properties, as senders can check them."""
    properties = table["properties"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"events/{name}",
        "title": name,
        "description": table["about"],
        "type": "object",
        "required": ["event", "properties"],
        "properties": {
            "event": {"const": name},
            "properties": {
                "type": "object",
                "required": [one for one, about in properties.items() if not about.get("optional")],
                "properties": {one: kind_of(about).schema() for one, about in properties.items()},
            },
        },
    }


def read_tables(paths: Iterable[Path]) -> dict[str, JsonObject]:
    """Return name -> table of the events of these files.

    Raises: ValueError, with every fault a line, if a file cannot be used or an event comes twice.
    """
    tables: dict[str, JsonObject] = {}
    faults: list[str] = []
    for path in paths:
        found, wrong = check_file(path)
        faults += [f"{path.name}: {one}" for one in wrong]
        faults += [
            f"{path.name}: event.{one}: there is such an event already."
            for one in found.keys() & tables.keys()
        ]
        tables |= found
    if faults:
        raise ValueError("\n".join(faults))
    return tables


def check_file(path: Path) -> tuple[dict[str, JsonObject], list[str]]:
    """Return the events of a TOML file, and what is wrong with them, a line each."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as problem:
        return {}, [f"cannot be read: {problem.strerror}."]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        return {}, [f"is not TOML: {problem}."]
    faults = faults_of(content, terms(), tuple(CODECS))
    events = content.get("event")
    return (events if not faults and isinstance(events, dict) else {}), faults


@cache
def terms() -> JsonObject:
    """Return the table of short names, read at the first call."""
    return tomllib.loads((FOLDER / "vocabulary" / "terms.toml").read_text("utf-8"))


@cache
def own_tables() -> Mapping[str, JsonObject]:
    """Return name -> table of the events that travel with the code, read at the first call."""
    return read_tables(sorted((FOLDER / "catalog").glob("*.toml")))


def load_catalog(base: str, folder: Path | None = None) -> Catalog:
    """Return the catalog of the LRS, with the events of a folder of a tenant's own TOML files.

    Raises: ValueError, with every fault a line, if a file cannot be used.
    """
    tables = dict(own_tables())
    if folder is not None:
        if not folder.is_dir():
            raise ValueError(f"There is no folder {folder}.")
        more = read_tables(sorted(folder.glob("*.toml")))
        twice = sorted(more.keys() & tables.keys())
        if twice:
            raise ValueError(f"{', '.join(twice)}: there is such an event already.")
        tables |= more
    return Catalog(tables, base.rstrip("/"))
