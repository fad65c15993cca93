"""Courses, registrations and sessions as CATAPULT's player shows them."""

from __future__ import annotations

from typing import Any

from lrs.clock import to_iso
from lrs.cmi5 import terms
from lrs.cmi5.progress import Course
from lrs.cmi5.report import aus_of_tree
from lrs.cmi5.service import Cmi5
from lrs.cmi5.structure import aus_of
from lrs.xapi import JsonObject


def course(cmi5: Cmi5, course_id: str) -> JsonObject:
    """Return a course; numbers stand for ids."""
    found = cmi5.courses.course(course_id)
    record, structure = found.record, found.structure
    aus = [
        {**_node(au, found), "auIndex": index, "parents": []}
        for index, au in enumerate(aus_of(structure))
    ]
    objectives = {one["id"]: one for one in structure["objectives"]}
    return {
        "id": cmi5.player.number("course", course_id),
        "tenantId": int(record["tenant"] or 0),
        "lmsId": found.id_of("course", structure["id"]),
        "createdAt": record["created"],
        "updatedAt": record["updated"],
        "metadata": {"version": 1, "aus": aus},
        "structure": {
            "course": {**_node(structure, found), "type": "course", "objectives": objectives},
        },
    }


def registration(cmi5: Cmi5, registration_id: str) -> JsonObject:
    """Return a registration with what is known of each AU."""
    held = cmi5.registrations.get(registration_id)
    status = cmi5.status(registration_id)
    return {
        "id": cmi5.player.number("registration", registration_id),
        "code": registration_id,
        "tenantId": int(held["tenant"] or 0),
        "courseId": cmi5.player.number("course", held["course"]),
        "actor": held["actor"],
        "isSatisfied": status["satisfied"],
        "createdAt": held["created"],
        "updatedAt": held["created"],
        "metadata": {"version": 1, "moveOn": _move_on(status["tree"])},
        "aus": [_au(au) for au in aus_of_tree(status["tree"])],
    }


def session(cmi5: Cmi5, held: JsonObject, one: JsonObject) -> JsonObject:
    """Return a session, without its secrets."""
    ended = one["ended"] or {}
    shown: JsonObject = {
        "id": cmi5.player.number("session", one["id"]),
        "code": one["id"],
        "tenantId": int(held["tenant"] or 0),
        "registrationId": cmi5.player.number("registration", held["id"]),
        "createdAt": one["launched"],
        "lastRequestTime": to_iso(one["seen"]),
        "launchMode": one["launchMode"],
        "masteryScore": one.get("masteryScore"),
        "contextTemplate": one["contextTemplate"],
        "launchTokenFetched": one["token"] is not None,
        "launchDataFetched": one["launchData"],
        "learnerPrefsFetched": one["preferences"],
        "isLaunched": True,
        "isAbandoned": ended.get("how") == "abandoned",
        "abandonedBy": {"launch": "new-launch"}.get(ended.get("by", ""), "api")
        if ended.get("how") == "abandoned"
        else None,
    }
    for verb in terms.AU_VERBS:
        shown[f"is{terms.verb_name(verb).capitalize()}"] = verb in one["verbs"]
    return shown


def _node(item: JsonObject, found: Course) -> JsonObject:
    kind = item.get("type", "course")
    node: dict[str, Any] = {**item, "lmsId": found.id_of(kind, item["id"])}
    if "children" in item:
        node["children"] = [_node(child, found) for child in item["children"]]
    else:
        node.setdefault("masteryScore", None)
        node.setdefault("activityType", None)
    return node


def _move_on(node: JsonObject) -> JsonObject:
    shown = {
        "type": node["type"],
        "lmsId": node["activityId"],
        "pubId": node["id"],
        "satisfied": node["satisfied"],
    }
    if "children" in node:
        shown["children"] = [_move_on(child) for child in node["children"]]
    return shown


def _au(au: JsonObject) -> JsonObject:
    seconds = au["seconds"]
    return {
        "hasBeenAttempted": au["attempts"] > 0,
        "durationNormal": seconds.get("Normal"),
        "durationBrowse": seconds.get("Browse"),
        "durationReview": seconds.get("Review"),
        "isPassed": au["passed"],
        "isCompleted": au["completed"],
        "isWaived": au["waived"] is not None,
        "waivedReason": au["waived"],
        "isSatisfied": au["satisfied"],
        "metadata": {"version": 1, "moveOn": au["moveOn"]},
    }
