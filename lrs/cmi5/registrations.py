"""Registrations: learners enrolled in courses, found, waived, deleted. Spec: cmi5 8.1.4, 9.2, 9.3.7, 9.6.1."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator

from lrs.clock import Clock, to_iso
from lrs.cmi5 import messages, terms
from lrs.cmi5.courses import COURSE, Courses
from lrs.cmi5.launching import find_au
from lrs.cmi5.ledger import REGISTRATION, Ledger
from lrs.cmi5.progress import evaluate
from lrs.cmi5.sessions import Sessions
from lrs.errors import BadRequest, Conflict, NotFound
from lrs.stores.protocol import RecordStore
from lrs.xapi import JsonObject
from lrs.xapi.agent import ifi_of
from lrs.xapi.validation import validate_agent

_BY_COURSE = "cmi5-enrolment"
_BY_LEARNER = "cmi5-learner"


class Registrations:
    """Enrols learners, and knows who is enrolled."""

    def __init__(
        self,
        records: RecordStore,
        ledger: Ledger,
        courses: Courses,
        sessions: Sessions,
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        self._records = records
        self._ledger = ledger
        self._courses = courses
        self._sessions = sessions
        self._clock = clock
        self._new_id = new_id

    def enrol(self, course_id: str, actor: JsonObject, *, again: bool = False) -> JsonObject:
        """Return the registration of a learner in a course: the one there is, unless `again` asks for another.

        Raises: NotFound (404); BadRequest if the actor is not an Agent with an account.
        """
        check_actor(actor)
        course = self._courses.course(course_id)
        if again:
            return self.create(course_id, actor, self._new_id())
        identity = str(ifi_of(actor))
        for number in range(1_000):
            # Of two requests at a time, both come upon the same id.
            own = str(uuid.uuid5(uuid.UUID(course.record["id"]), f"{number}\n{identity}"))
            found = self._ledger.find(own)
            if found is None:
                return self.create(course_id, actor, own)
            if not found["deleted"]:
                return self._sessions.settle(own)
        raise Conflict("This learner was enrolled and struck off too often; enrol again by force.")

    def create(self, course_id: str, actor: JsonObject, registration_id: str) -> JsonObject:
        """Enrol a learner under a given registration; NotApplicable AUs are satisfied at once. Spec: cmi5 9.6.1.

        Raises: NotFound (404); BadRequest (see enrol); Conflict (409) if the registration is that of someone else.
        """
        check_actor(actor)
        course = self._courses.course(course_id)
        now = self._clock()
        registration: JsonObject = {
            "id": registration_id,
            "course": course_id,
            "tenant": course.record["tenant"],
            "actor": actor,
            "created": to_iso(now),
            "deleted": False,
            "aus": {},
            "groups": {},
            "sessions": {},
            "due": [],
        }
        evaluate(registration, course, session=self._new_id(), now=now, new_id=self._new_id)
        if not self._ledger.create(registration):
            found = self._ledger.get(registration_id)
            if found["course"] != course_id or ifi_of(found["actor"]) != ifi_of(actor):
                raise Conflict(
                    "This registration is there already, for another learner or course.",
                    code="cmi5-registration-conflict",
                )
        name = f"{_learner(actor)}/{registration_id}"
        self._records.put(_BY_LEARNER, name, {"course": course_id})
        self._records.put(_BY_COURSE, f"{course_id}/{registration_id}", {})
        return self._sessions.settle(registration_id)

    def get(self, registration_id: str) -> JsonObject:
        """Return a registration.

        Raises: NotFound (404).
        """
        return self._sessions.settle(registration_id)

    def find(
        self, *, course: str | None = None, actor: JsonObject | None = None, after: str = ""
    ) -> Iterator[JsonObject]:
        """Yield registrations of a course, a learner, or all, in the order of their ids, above `after`."""
        if actor is not None:
            names = self._records.names(_BY_LEARNER, prefix=f"{_learner(actor)}/")
        elif course is not None:
            names = self._records.names(_BY_COURSE, prefix=f"{course}/")
        else:
            names = self._records.names(REGISTRATION)
        for name in names:
            found = self._ledger.find(name.rpartition("/")[2])
            if found is None or found["deleted"] or found["id"] <= after:
                continue
            if course in (None, found["course"]):
                yield found

    def waive(self, registration_id: str, au: str, reason: str) -> JsonObject:
        """Mark an AU as done by other means, and return the registration. Spec: cmi5 9.3.7.

        Raises: NotFound (404); Conflict (409) if it was waived before; BadRequest without a reason.
        """
        if not reason.strip():
            raise BadRequest(
                "A waiver needs a reason.",
                code="cmi5-reason",
                pointer="/reason",
                allowed="Tested Out, Equivalent AU, Equivalent Outside Activity, Administrative, or another",
                section="cmi5 9.5.5.2",
            )
        registration = self._sessions.settle(registration_id)
        course = self._courses.course(registration["course"])
        unit = find_au(course.structure, au)
        session, now = self._new_id(), self._clock()
        target = messages.activity(course.id_of("au", unit["id"]), unit, unit.get("activityType"))
        statement = messages.said(
            terms.WAIVED,
            id=self._new_id(),
            when=to_iso(now),
            registration=registration,
            object=target,
            publisher_id=unit["id"],
            session=session,
            result={"success": True, "completion": True, "extensions": {terms.REASON: reason}},
            moveon=True,
        )

        def waive(current: JsonObject) -> bool:
            state = current["aus"].setdefault(unit["id"], {})
            if "waived" in state:
                raise Conflict(
                    "The AU was waived before.", code="cmi5-waived", section="cmi5 9.3.7"
                )
            state["waived"] = {"statement": statement["id"], "reason": reason, "at": now}
            current["due"].append(statement)
            evaluate(current, course, session=session, now=now, new_id=self._new_id)
            return True

        return self._ledger.say_due(self._ledger.change(registration_id, waive))

    def delete(self, registration_id: str) -> None:
        """Strike a registration off, and abandon its sessions; statements stay.

        Raises: NotFound (404).
        """
        registration = self._sessions.settle(registration_id)
        for session in registration["sessions"].values():
            if session["ended"] is None:
                self._sessions.abandon(session["id"], by="deletion")

        def strike(current: JsonObject) -> bool:
            current["deleted"] = True
            return True

        self._ledger.change(registration_id, strike)
        strike_names(self._records, registration)

    def delete_course(self, course_id: str) -> None:
        """Delete a course with its registrations; statements stay.

        Raises: NotFound (404).
        """
        if self._records.get(COURSE, course_id) is None:
            raise NotFound("There is no such course.", code="cmi5-course-not-found")
        for registration in list(self.find(course=course_id)):
            self.delete(registration["id"])
        self._courses.delete(course_id)


def strike_names(records: RecordStore, registration: JsonObject) -> None:
    """Let a registration be found no more by its learner and its course."""
    records.delete(_BY_LEARNER, f"{_learner(registration['actor'])}/{registration['id']}")
    records.delete(_BY_COURSE, f"{registration['course']}/{registration['id']}")


def check_actor(actor: JsonObject) -> None:
    """Return if a learner is an Agent with an account. Spec: cmi5 9.2.

    Raises: BadRequest.
    """
    agent = validate_agent(actor, group_allowed=False)
    if not agent.get("account", {}).get("name", "").strip():
        raise BadRequest(
            "The actor has no account with a name.",
            code="cmi5-actor",
            pointer="/actor",
            allowed='{"account": {"homePage": ..., "name": ...}}',
            section="cmi5 9.2",
        )


def _learner(actor: JsonObject) -> str:
    return hashlib.sha256(str(ifi_of(actor)).encode()).hexdigest()[:32]
