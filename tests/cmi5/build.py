"""Builders: courses, packages, and statements of AUs, of which a test names only what it is about."""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lrs.cmi5 import terms
from lrs.xapi import JsonObject

BASE = "https://example.org/course"
LEARNER: JsonObject = {
    "objectType": "Agent",
    "account": {"homePage": "https://example.org", "name": "anna"},
}
OTHER: JsonObject = {"account": {"homePage": "https://example.org", "name": "ben"}}


def texts(name: str, text: str = "Text") -> str:
    return f'<{name}><langstring lang="en">{escape(text)}</langstring></{name}>'


def described(title: str = "Title") -> str:
    return texts("title", title) + texts("description")


def au(name: str = "a", url: str = "a.html", inner: str = "", **attributes: str) -> str:
    """Return an AU; `inner` comes after its url."""
    more = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return (
        f'<au id="{BASE}/au/{name}"{more}>{described(name)}<url>{escape(url)}</url>{inner}</au>\n'
    )


def block(name: str, *children: str) -> str:
    return f'<block id="{BASE}/block/{name}">{described(name)}{"".join(children)}</block>\n'


def course(*children: str, objectives: str = "", id: str = BASE) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<courseStructure xmlns="{terms.NAMESPACE}">\n'
        f'<course id="{id}">{described("Geology")}</course>\n'
        f"{objectives}{''.join(children) or au()}</courseStructure>"
    ).encode()


def package(structure: bytes | None = None, files: Mapping[str, bytes] | None = None) -> bytes:
    """Return a zip with the structure and files, a.html if none are named."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        if structure is not None:
            archive.writestr("cmi5.xml", structure)
        for path, data in ({"a.html": b"<p>a</p>"} if files is None else files).items():
            archive.writestr(path, data)
    return packed.getvalue()


def says(
    verb: str,
    session: JsonObject,
    registration: JsonObject,
    *,
    defined: bool = True,
    result: JsonObject | None = None,
    **changes: Any,
) -> JsonObject:
    """Return a good statement of an AU; `changes` replace its properties."""
    category = [{"id": terms.CMI5_CATEGORY}] if defined else []
    if result is None:
        result = RESULTS.get(verb) if defined else None
    if result is not None and {"success", "completion"} & result.keys():
        category.append({"id": terms.MOVEON_CATEGORY})
    template = session["contextTemplate"]
    extensions = dict(template["extensions"])
    if "masteryScore" in session:
        extensions[terms.MASTERY_SCORE] = session["masteryScore"]
    statement: JsonObject = {
        "id": str(uuid.uuid4()),
        "timestamp": "2026-01-31T12:00:00.000Z",
        "actor": registration["actor"],
        "verb": {"id": verb},
        "object": {"id": session["activityId"]},
        "context": {
            **template,
            "registration": registration["id"],
            "contextActivities": {**template["contextActivities"], "category": category},
            "extensions": extensions,
        },
    }
    if result is not None:
        statement["result"] = result
    return {**statement, **changes}


RESULTS: dict[str, JsonObject] = {
    terms.COMPLETED: {"completion": True, "duration": "PT10S"},
    terms.PASSED: {"success": True, "duration": "PT20S", "score": {"scaled": 0.95}},
    terms.FAILED: {"success": False, "duration": "PT30S", "score": {"scaled": 0.1}},
    terms.TERMINATED: {"duration": "PT1M"},
}
EXPERIENCED = "http://adlnet.gov/expapi/verbs/experienced"
