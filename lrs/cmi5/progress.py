"""What a registration says next: pure steps from one state to the next, told of time and ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass

from lrs.clock import to_iso
from lrs.cmi5 import messages, terms
from lrs.cmi5.defined import is_defined
from lrs.cmi5.moveon import met_aus, met_groups
from lrs.cmi5.rules import ClaimKey, key_of, key_of_statement
from lrs.cmi5.structure import aus_of
from lrs.xapi import JsonObject

_PER_REGISTRATION = {terms.COMPLETED: "completed", terms.PASSED: "passed"}


@dataclass(frozen=True, slots=True)
class Course:
    """A version of a course: `record` is what changes (base, overrides), `structure` what was imported."""

    record: JsonObject
    structure: JsonObject
    id_of: Callable[[str, str], str]
    """(kind, publisher id) -> the id that the LMS has given to a course, block or AU."""
    revision: int = 0
    """Of what decides who is satisfied: rises with each version and override."""

    def setting(self, au: JsonObject, name: str) -> object:
        """Return a value of an AU, an administrator's in place of the structure's, or None."""
        overrides = self.record["overrides"].get(au["id"], {})
        return overrides.get(name, au.get(name))

    def move_on(self, au: JsonObject) -> str:
        """Return the moveOn of an AU."""
        return str(self.setting(au, "moveOn"))

    def au(self, publisher_id: str) -> JsonObject | None:
        """Return the AU of an id."""
        return next((au for au in aus_of(self.structure) if au["id"] == publisher_id), None)


def lay_claim(
    registration: JsonObject, session: JsonObject, statement: JsonObject, now: int
) -> bool:
    """Note that a statement that passed the rules is about to be stored, or is; returns whether that is news."""
    verb = statement["verb"]["id"]
    if not is_defined(statement) or verb in session["verbs"]:
        return False
    own, digest = key_of_statement(statement)
    claim = {"statement": own, "digest": digest, "at": now, "stored": False}
    session["verbs"][verb] = claim
    if verb in _PER_REGISTRATION:
        au = registration["aus"].setdefault(session["au"], {})
        au.setdefault(_PER_REGISTRATION[verb], {**claim, "session": session["id"]})
    return True


def drop_claims(registration: JsonObject, is_vain: Callable[[JsonObject], bool]) -> bool:
    """Forget claims that are not sure to be stored and of which `is_vain` is true; returns whether there were any."""
    vain = [(holder, name) for claim, holder, name in claims_of(registration) if is_vain(claim)]
    for holder, name in vain:
        del holder[name]
    return bool(vain)


def pending_of(registration: JsonObject) -> dict[ClaimKey, str]:
    """Return key -> session of the claims that are not sure to be stored, in the order in which they were laid."""
    found = [
        (claim["at"], key_of(claim), session["id"])
        for session in registration["sessions"].values()
        for claim in session["verbs"].values()
        if not claim["stored"]
    ]
    return {key: session for _, key, session in sorted(found)}


def is_ending(session: JsonObject) -> bool:
    """Whether a terminated statement of the session is on its way into the store, or was as a process died."""
    return session["ended"] is None and terms.TERMINATED in session["verbs"]


def claims_of(registration: JsonObject) -> Iterator[tuple[JsonObject, JsonObject, str]]:
    """Yield (claim, what holds it, its name there) of every claim that is not sure to be stored."""
    holders = [session["verbs"] for session in registration["sessions"].values()]
    for holder in [*holders, *registration["aus"].values()]:
        for name, claim in list(holder.items()):
            if isinstance(claim, dict) and claim.get("stored") is False:
                yield claim, holder, name


def confirm(registration: JsonObject, stored: Set[ClaimKey], now: int) -> bool:
    """Note which claims are stored now; a session with a stored terminated statement has ended."""
    changed = False
    for claim, _, _ in claims_of(registration):
        if key_of(claim) in stored:
            claim["stored"] = changed = True
    for session in registration["sessions"].values():
        last = session["verbs"].get(terms.TERMINATED)
        if last is not None and last["stored"] and session["ended"] is None:
            session["ended"] = {"how": "terminated", "by": "au", "at": now}
    return changed


def evaluate(
    registration: JsonObject, course: Course, *, session: str, now: int, new_id: Callable[[], str]
) -> bool:
    """Note what has become satisfied, and what is to be said of it; returns whether anything has.

    Spec: cmi5 9.3.9, 9.6.1.
    """
    aus = registration["aus"]
    changed = bool(registration.get("revision", 0) != course.revision)
    registration["revision"] = course.revision
    met = frozenset(met_aus(course.structure, aus, course.move_on))
    for au in sorted(met):
        if "satisfied" not in aus.setdefault(au, {}):
            aus[au]["satisfied"] = {"session": session, "at": now}
            changed = True
    for group in met_groups(course.structure, met):
        if group["id"] not in registration["groups"]:
            statement = _satisfied(registration, course, group, session, now, new_id())
            registration["groups"][group["id"]] = {"statement": statement["id"], "at": now}
            registration["due"].append(statement)
            changed = True
    return changed


def end_abandoned(
    registration: JsonObject, session: JsonObject, statement: JsonObject, *, by: str, now: int
) -> None:
    """End a session by an abandoned statement, which is to be said."""
    session["ended"] = {"how": "abandoned", "by": by, "at": now}
    registration["due"].append(statement)


def abandoned_statement(
    registration: JsonObject, session: JsonObject, *, seconds: float, when: int, id: str
) -> JsonObject:
    """Return the abandoned statement of a session. Spec: cmi5 9.3.6, 9.5.4.2."""
    return messages.said(
        terms.ABANDONED,
        id=id,
        when=to_iso(when),
        registration=registration,
        object={"objectType": "Activity", "id": session["activityId"]},
        publisher_id=session["au"],
        session=session["id"],
        result={"duration": f"PT{max(seconds, 0):.2f}S"},
    )


def _satisfied(
    registration: JsonObject, course: Course, group: JsonObject, session: str, now: int, id: str
) -> JsonObject:
    kind = "block" if group.get("type") == "block" else "course"
    iri = course.id_of(kind, group["id"])
    of_type = terms.BLOCK_TYPE if kind == "block" else terms.COURSE_TYPE
    return messages.said(
        terms.SATISFIED,
        id=id,
        when=to_iso(now),
        registration=registration,
        object=messages.activity(iri, group, of_type),
        publisher_id=group["id"],
        session=session,
    )
