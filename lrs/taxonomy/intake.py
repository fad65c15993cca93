"""Events in: each is checked, mapped and stored through the one door, and gets a verdict of its own."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from lrs.clock import Clock, to_iso
from lrs.errors import Conflict, LrsError, NotFound, StoreUnavailable
from lrs.services.statements import Batch, Sender, Statements
from lrs.stores.protocol import RecordStore
from lrs.taxonomy.actors import actor_problems, has_actor
from lrs.taxonomy.counting import count_problems
from lrs.taxonomy.envelope import Envelope, read_envelope
from lrs.taxonomy.events import Event
from lrs.taxonomy.mapping import Mapper
from lrs.taxonomy.persons import Persons
from lrs.taxonomy.problems import Problem, problem
from lrs.taxonomy.profiles import Profiles
from lrs.xapi import JsonObject
from lrs.xapi.statement import equivalent
from lrs.xapi.text import Parsed
from lrs.xapi.version import V1_0_3

_TRIES = 3
_ECHOED = 200
"""Signs of an event's name that a verdict says again."""
_CONSENT = "/context/consent/categoryPreferences"
_log = logging.getLogger("lrs")


@dataclass(frozen=True, slots=True)
class Tracker:
    """Who sends events."""

    name: str
    """Tells message ids of different publishable keys apart; a secret key may change between two tries."""
    sender: Sender
    events: frozenset[str] | None = None
    """The only events that it may send, and only about learners; None: all."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one event: accepted, linked, ignored, dropped or refused."""

    status: str
    event: str
    message_id: str | None = None
    statement_id: str | None = None
    problems: tuple[Problem, ...] = ()

    def as_json(self) -> JsonObject:
        """Return the verdict as the sender is told it."""
        parts: dict[str, Any] = {
            "status": self.status,
            "event": self.event,
            "messageId": self.message_id,
            "statementId": self.statement_id,
        }
        verdict = {name: part for name, part in parts.items() if part}
        refusing = [one for one in self.problems if one.code[0] != "W"]
        if refusing:
            verdict |= refusing[0].as_json()
        if len(self.problems) > bool(refusing):
            rest = [one for one in self.problems if one not in refusing[:1]]
            verdict["more" if refusing else "warnings"] = [one.as_json() for one in rest]
        return verdict


@dataclass(slots=True)
class _Batch:
    """The state of one call: verdicts by place, and statements that wait for the door."""

    verdicts: list[Verdict | None]
    waiting: dict[int, JsonObject] = field(default_factory=dict)
    new: int = 0

    def told(self) -> list[tuple[str, tuple[Problem, ...]]]:
        """Return the event and the problems of each verdict."""
        return [(one.event, one.problems) for one in self.verdicts if one is not None]


class Intake:
    """Takes events."""

    def __init__(
        self,
        mapper: Mapper,
        statements: Statements,
        records: RecordStore,
        persons: Persons,
        profiles: Profiles,
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        self._mapper = mapper
        self._statements = statements
        self._records = records
        self._persons = persons
        self._profiles = profiles
        self._clock = clock
        self._new_id = new_id

    def take(
        self, messages: Sequence[Any], *, tracker: Tracker, sent_at: int | None = None
    ) -> tuple[list[Verdict], int]:
        """Store what the messages say; returns a verdict for each in their order, and how many statements are new.

        A message that was stored before is accepted again and changes nothing, but one that has neither an id nor a
        timestamp, which nobody could know again. One that is refused never keeps the
        others from being stored.
        Raises: StoreUnavailable (503); what was stored until then is accepted again when it is sent again.
        """
        now = self._clock()
        batch = _Batch([None] * len(messages))
        for index, message in enumerate(messages):
            if isinstance(message, JsonRefused):
                batch.verdicts[index] = Verdict("refused", "", problems=(message.problem,))
                continue
            try:
                envelope, found = read_envelope(message, now=now, sent_at=sent_at)
                self._take_one(batch, index, envelope, found, tracker)
            except LrsError:
                raise
            except Exception as fault:
                _tell(fault)
                batch.verdicts[index] = Verdict("refused", "", problems=(problem("E_FAULT", ""),))
        stored = self._store(batch, tracker)
        if tracker.events is None:
            self._keep_profiles(stored, now)
        verdicts = [one for one in batch.verdicts if one is not None]
        count_problems(self._records, batch.told(), self._mapper.catalog.events)
        return verdicts, batch.new

    def _take_one(
        self,
        batch: _Batch,
        index: int,
        envelope: Envelope,
        found: list[Problem],
        tracker: Tracker,
    ) -> None:
        event = self._mapper.catalog.events.get(envelope.event)
        status, statement = "refused", None
        if not any(one.refuses for one in found):
            if envelope.type in ("identify", "alias", "group"):
                status = self._link(envelope, found, tracker)
            else:
                found += self._problems(envelope, event, tracker)
                codes = {one.code[0] for one in found}
                if event is not None and "E" not in codes:
                    status = "dropped" if "D" in codes else "accepted"
        if status == "accepted" and event is not None:
            if envelope.anonymous_id is not None and "learning" not in envelope.refused:
                self._link(envelope, found, tracker)
            if event.table.get("without_actor") and not has_actor(envelope):
                envelope = replace(envelope, system=True)
            named = envelope
            if envelope.message_id is None and envelope.timestamp is None:
                named = replace(envelope, message_id=self._new_id())
            is_public = tracker.events is not None
            source = tracker.name if is_public else envelope.source or ""
            statement = self._mapper.statement_of(event, named, source=source, names=not is_public)
            batch.waiting[index] = statement
        batch.verdicts[index] = Verdict(
            status,
            (envelope.event or envelope.type)[:_ECHOED],
            envelope.message_id,
            None if statement is None else statement["id"],
            tuple(found),
        )

    def _problems(self, envelope: Envelope, event: Event | None, tracker: Tracker) -> list[Problem]:
        if event is None:
            return [problem("E_UNKNOWN_EVENT", "/event", allowed="an event of GET /events/catalog")]
        found = []
        if tracker.events is not None:
            if event.name not in tracker.events:
                found.append(problem("E_NOT_ALLOWED", "/event"))
            is_nobody = event.table.get("without_actor") and not has_actor(envelope)
            if envelope.system or envelope.org or envelope.team or is_nobody:
                found.append(problem("E_NOT_ALLOWED", "", allowed="userId or anonymousId"))
        # A page that anybody can read vouches for nobody: some events need a yes that is told.
        is_silent = event.table.get("explicit_consent") and event.purpose not in envelope.agreed
        if event.purpose in envelope.refused or (tracker.events is not None and is_silent):
            found.append(problem("E_CONSENT", _CONSENT))
        found += actor_problems(event, envelope)
        return found + self._mapper.check(event, envelope)

    def _link(self, envelope: Envelope, found: list[Problem], tracker: Tracker) -> str:
        visitor = envelope.previous_id if envelope.type == "alias" else envelope.anonymous_id
        if envelope.type == "group" or visitor is None or envelope.user_id is None:
            return "ignored"
        if visitor == envelope.user_id:
            return "ignored"
        if "learning" in envelope.refused:
            found.append(problem("E_CONSENT", _CONSENT))
            return "refused"
        if not self._persons.link(visitor, envelope.user_id, public=tracker.events is not None):
            found.append(problem("W_LINK", "/anonymousId"))
            return "ignored"
        return "linked"

    def _keep_profiles(self, stored: Sequence[JsonObject], now: int) -> None:
        for statement in stored:
            event = self._mapper.catalog.events[self._mapper.event_of(statement) or ""]
            if "profile" in event.table:
                self._profiles.keep(event, statement, now=to_iso(now))

    def _store(self, batch: _Batch, tracker: Tracker) -> Sequence[JsonObject]:
        """Store what waits, and return what is stored."""
        self._settle_repeats(batch)
        for _ in range(_TRIES):
            if not batch.waiting:
                return ()
            places = list(batch.waiting)
            try:
                batch.new += self._insert(list(batch.waiting.values()), tracker)
            except StoreUnavailable:
                raise
            except LrsError as refusal:
                number = (refusal.pointer or "").split("/")[1:2]
                if not number or not number[0].isdigit():
                    break
                self._refuse(batch, places[int(number[0])], refusal, depth=2)
            else:
                return list(batch.waiting.values())
        # One by one, so that what cannot be told apart in a batch is.
        for index, statement in list(batch.waiting.items()):
            try:
                batch.new += self._insert([statement], tracker)
            except StoreUnavailable:
                raise
            except LrsError as refusal:
                self._refuse(batch, index, refusal, depth=2)
        return list(batch.waiting.values())

    def _insert(self, statements: list[JsonObject], tracker: Tracker) -> int:
        body = Parsed(statements, statements)
        stored = self._statements.store(Batch(body), version=V1_0_3, sender=tracker.sender)
        return stored.new

    def _settle_repeats(self, batch: _Batch) -> None:
        """Take out what comes twice in one batch: the same again is accepted, anything else is a conflict."""
        first: dict[str, JsonObject] = {}
        for index, statement in list(batch.waiting.items()):
            known = first.setdefault(statement["id"], statement)
            if known is statement:
                continue
            if _says_the_same(known, statement, batch.verdicts[index]):
                del batch.waiting[index]
            else:
                self._refuse(batch, index, Conflict("", pointer=""), depth=1)

    def _refuse(self, batch: _Batch, index: int, refusal: LrsError, *, depth: int) -> None:
        statement, before = batch.waiting.pop(index), batch.verdicts[index]
        assert before is not None  # noqa: S101 what waits has a verdict
        if isinstance(refusal, Conflict):
            with suppress(NotFound):
                kept = self._statements.get(statement["id"], voided=False, narrowed=None)
                if _says_the_same(kept.statement, statement, before):
                    return
            told = problem("E_CONFLICT", "/messageId", allowed="a new message id")
        else:
            inside = "/" + "/".join((refusal.pointer or "").split("/")[depth:])
            told = Problem("E_STATEMENT", inside, refusal.message, refusal.allowed)
        problems = (told, *before.problems)
        batch.verdicts[index] = replace(
            before, status="refused", statement_id=None, problems=problems
        )


@dataclass(frozen=True, slots=True)
class JsonRefused:
    """A line of NDJSON that is not JSON, in the place of its message."""

    problem: Problem


def _says_the_same(known: JsonObject, statement: JsonObject, verdict: Verdict | None) -> bool:
    """Whether it is a repeat: a time that was corrected is another one each time that the event is sent."""
    is_corrected = verdict is not None and any(one.code == "W_CLOCK" for one in verdict.problems)
    if is_corrected and "timestamp" in known:
        statement = {**statement, "timestamp": known["timestamp"]}
    return equivalent(known, statement)


def _tell(fault: Exception) -> None:
    """Log what a message met that no check had foreseen: where, never what the message says."""
    places = traceback.extract_tb(fault.__traceback__)
    path = " < ".join(f"{one.filename}:{one.lineno}" for one in reversed(places))
    _log.error("an event could not be mapped: %s at %s", type(fault).__name__, path)
