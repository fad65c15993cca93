"""Launches: a session, its LMS.LaunchData, the launched statement, the URL to open. Spec: cmi5 8.1, 10.0."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lrs.clock import Clock, to_iso
from lrs.cmi5 import messages, terms
from lrs.cmi5.access import digest
from lrs.cmi5.courses import Courses, check_overrides
from lrs.cmi5.launchdata import context_template, launch_data
from lrs.cmi5.ledger import Ledger
from lrs.cmi5.moveon import is_met
from lrs.cmi5.progress import Course, evaluate
from lrs.cmi5.sessions import Sessions
from lrs.cmi5.structure import aus_of
from lrs.cmi5.urls import is_absolute, is_web, launch_url
from lrs.errors import BadRequest, NotFound
from lrs.services.documents import Documents
from lrs.xapi import JsonObject
from lrs.xapi.agent import ifi_of
from lrs.xapi.document import JSON, DocumentKey, Precondition, Scope
from lrs.xapi.text import write_json
from lrs.xapi.version import VERSIONS

_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a launch may say; None or absent leaves it to the course."""

    launch_mode: str | None = None
    return_url: str | None = None
    overrides: Mapping[str, object] = field(default_factory=dict)
    """See courses.OVERRIDES."""
    context_additions: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Launch:
    """A launch that is ready: whoever opens the URL runs the AU."""

    session: str
    registration: str
    method: str
    """OwnWindow or AnyWindow."""
    url: str


class Launching:
    """Launches AUs."""

    def __init__(
        self,
        ledger: Ledger,
        courses: Courses,
        sessions: Sessions,
        documents: Documents,
        clock: Clock,
        new_id: Callable[[], str],
        *,
        base: str,
        content_base: str,
    ) -> None:
        self._ledger = ledger
        self._courses = courses
        self._sessions = sessions
        self._documents = documents
        self._clock = clock
        self._new_id = new_id
        self._base = base
        self._content_base = content_base

    def launch(self, registration_id: str, au: str, options: Options) -> Launch:
        """Start a session of an AU, named by its index or its publisher id; sessions that went on are abandoned.

        Raises: NotFound (404); BadRequest if an option cannot be.
        """
        registration = self._sessions.settle(registration_id)
        course = self._courses.course(registration["course"])
        unit = find_au(course.structure, au)
        _check(options)
        secret = secrets.token_urlsafe(32)
        session = self._session(registration, course, unit, options, secret)
        self._sessions.keep_active(session["id"], registration_id)
        # Before anyone can find the session (10.1): its LMS.LaunchData.
        self.publish(registration, session)
        self._begin(
            registration,
            course,
            session,
            messages.activity(session["activityId"], unit, unit.get("activityType")),
        )
        values = {
            "endpoint": f"{self._base}/cmi5/lrs",
            "fetch": f"{self._base}/cmi5/fetch/{session['id']}.{secret}",
            "actor": write_json(registration["actor"]).decode(),
            "registration": registration_id,
            "activityId": session["activityId"],
        }
        url = launch_url(session["launchUrl"], values)
        return Launch(session["id"], registration_id, unit["launchMethod"], url)

    def publish(self, registration: JsonObject, session: JsonObject) -> None:
        """Write a session's LMS.LaunchData. Spec: cmi5 10.1."""
        scope = Scope(
            resource="state",
            activity=session["activityId"],
            agent=str(ifi_of(registration["actor"])),
            registration=registration["id"],
        )
        self._documents.put(
            DocumentKey(scope, terms.LAUNCH_DATA),
            write_json(launch_data(session)),
            JSON,
            precondition=Precondition(),
            version=VERSIONS[0],
            tolerates=lambda _: False,
        )

    def _session(
        self,
        registration: JsonObject,
        course: Course,
        au: JsonObject,
        options: Options,
        secret: str,
    ) -> JsonObject:
        session_id = self._new_id()
        now = self._clock()
        url = au["url"]
        if not is_absolute(url):
            place = f"{course.record['id']}/{course.record['version']}"
            url = f"{self._content_base}/cmi5/content/{place}/{url}"
        session: JsonObject = {
            "id": session_id,
            "au": au["id"],
            "activityId": course.id_of("au", au["id"]),
            "launchMode": options.launch_mode or default_mode(au, registration, course),
            "moveOn": options.overrides.get("moveOn") or course.move_on(au),
            "contextTemplate": context_template(session_id, au["id"], options.context_additions),
            "launchUrl": url,
            "launched": to_iso(now),
            "at": now,
            "seen": now,
            "fetch": digest(secret),
            "token": None,
            "launchData": False,
            "preferences": False,
            "verbs": {},
            "ended": None,
        }
        for name in ("masteryScore", "launchParameters"):
            value = options.overrides.get(name)
            value = course.setting(au, name) if value is None else value
            if value is not None:
                session[name] = value
        key = {
            "courseStructure": au.get("entitlementKey"),
            "alternate": options.overrides.get("alternateEntitlementKey")
            or course.setting(au, "alternateEntitlementKey"),
        }
        if any(value is not None for value in key.values()):
            session["entitlementKey"] = {name: one for name, one in key.items() if one is not None}
        if options.return_url:
            session["returnURL"] = options.return_url
        return session

    def _begin(
        self, registration: JsonObject, course: Course, session: JsonObject, activity: JsonObject
    ) -> None:
        """Abandon what goes on, enter the session, and say that it is launched. Spec: cmi5 9.3.1, 9.3.6."""
        launched = messages.said(
            terms.LAUNCHED,
            id=self._new_id(),
            when=session["launched"],
            registration=registration,
            object=activity,
            publisher_id=session["au"],
            session=session["id"],
            extensions=messages.launched_extensions(session),
        )
        _merge_template(launched["context"], session["contextTemplate"])
        ended: list[str] = []

        def begin(current: JsonObject) -> bool:
            ended[:] = [one["id"] for one in current["sessions"].values() if one["ended"] is None]
            for one in ended:
                self._sessions.abandoning(current, current["sessions"][one], by="launch")(current)
            current["sessions"][session["id"]] = session
            current["due"].append(launched)
            if session["launchMode"] == "Normal":
                current["aus"].setdefault(session["au"], {})["moveOn"] = session["moveOn"]
                evaluate(
                    current, course, session=session["id"], now=session["at"], new_id=self._new_id
                )
            return True

        changed = self._ledger.say_due(self._ledger.change(registration["id"], begin))
        for one in ended:
            if changed["sessions"][one]["ended"] is not None:
                self._sessions.forget_active(one)


def find_au(structure: JsonObject, name: str) -> JsonObject:
    """Return the AU of an index (from 0, in the order of the structure) or publisher id.

    Raises: NotFound (404).
    """
    aus: Sequence[JsonObject] = tuple(aus_of(structure))
    # Python reads no number of thousands of digits.
    if name.isascii() and name.isdigit() and len(name) <= _DIGITS and int(name) < len(aus):
        return aus[int(name)]
    found = next((au for au in aus if au["id"] == name), None)
    if found is None:
        raise NotFound(
            "The course has no such AU.",
            code="cmi5-au-not-found",
            allowed=f"an index from 0 to {len(aus) - 1}, or the id of an AU",
        )
    return found


def default_mode(au: JsonObject, registration: JsonObject, course: Course) -> str:
    """Return Review for an AU that has met its moveOn, unless nothing had to be met; else Normal."""
    state = registration["aus"].get(au["id"], {})
    criterion = state.get("moveOn") or course.move_on(au)
    has_met = criterion != terms.NOT_APPLICABLE and is_met(au, state, course.move_on)
    return "Review" if has_met else "Normal"


def _merge_template(context: JsonObject, template: JsonObject) -> None:
    """Put what the launch has added to the context template into the context of the launched statement."""
    for kind, activities in template["contextActivities"].items():
        held = context["contextActivities"].setdefault(kind, [])
        known = {one["id"] for one in held}
        held += [one for one in activities if one["id"] not in known]
    context["extensions"] = {**template["extensions"], **context["extensions"]}
    for name in template.keys() - {"contextActivities", "extensions"}:
        context[name] = template[name]


def _check(options: Options) -> None:
    check_overrides(options.overrides)
    if options.launch_mode not in (None, *terms.LAUNCH_MODES):
        raise BadRequest(
            "There is no such launch mode.",
            code="cmi5-value",
            pointer="/launchMode",
            allowed=", ".join(terms.LAUNCH_MODES),
            section="cmi5 10.2.2",
        )
    if options.return_url and not is_web(options.return_url):
        raise BadRequest(
            "The return URL is not a web address.", code="cmi5-value", pointer="/returnUrl"
        )
