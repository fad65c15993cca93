"""Query parameters: from text into typed values; unknown, repeated and malformed ones are refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import request
from marshmallow import RAISE, Schema, ValidationError, fields

from lrs.errors import BadRequest
from lrs.web.tolerance import tolerates
from lrs.xapi.agent import ifi_of
from lrs.xapi.query import MAX_LIMIT
from lrs.xapi.quirks import plain_activity_id, plain_agent
from lrs.xapi.terms import is_iri, parse_timestamp, parse_uuid
from lrs.xapi.text import read_json
from lrs.xapi.validation import validate_agent

_DIGITS = 19
"""A number of fewer digits fits in 64 bits."""

_SHOWN = 50
"""How many signs of an unknown parameter's name a refusal repeats."""

_SECTION = "Communication 2.1.3"


class Text(fields.Field[Any]):
    """A parameter read by a function of its text, which raises BadRequest or returns the value."""

    def __init__(self, read: Callable[[str], Any], **options: Any) -> None:
        super().__init__(**options)
        self._read = read

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        try:
            return self._read(value)
        except BadRequest as refusal:
            raise BadRequest(
                f"The {self.data_key or attr} parameter is refused. {refusal.message}",
                code=refusal.code,
                pointer=refusal.pointer,
                allowed=refusal.allowed,
                section=refusal.section or _SECTION,
            ) from None


def _boolean(text: str) -> bool:
    # The Python client tincan sends "True" and "False".
    if text.lower() not in ("true", "false"):
        raise BadRequest("It is not a boolean.", code="boolean", allowed="true or false")
    return text.lower() == "true"


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise BadRequest("It is not a count.", code="limit", allowed="a whole number from 0")
    return min(int(text) or MAX_LIMIT, MAX_LIMIT) if len(text) < _DIGITS else MAX_LIMIT


def _cursor(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < _DIGITS):
        raise BadRequest("It is not one that `more` has given out.", code="cursor")
    return int(text)


def _timestamp(text: str) -> int:
    try:
        return parse_timestamp(text)
    except BadRequest as refusal:
        if " " in text:
            refusal.allowed = "an ISO 8601 time; in a query string its + is written as %2B"
        raise


def _iri(text: str) -> str:
    if not is_iri(text):
        raise BadRequest(
            "It is not an IRI.", code="iri", allowed="an IRI with a scheme", section="Data 4.3"
        )
    return text


def _activity(text: str) -> str:
    plain = plain_activity_id(text)
    return plain if plain != text and tolerates("bare-uuid-activity") else _iri(text)


def _format(text: str) -> str:
    if text not in ("exact", "ids", "canonical"):
        raise BadRequest(
            "There is no such format.", code="format", allowed="exact, ids or canonical"
        )
    return text


def _agent(text: str) -> Any:
    agent = validate_agent(_sent_agent(text), group_allowed=True)
    if ifi_of(agent) is None:
        raise BadRequest(
            "It is an anonymous group, of which nobody can tell which one is meant.",
            code="agent-ifi",
            allowed="an Agent or an identified Group",
            section="Data 2.4.2",
        )
    return agent


def _single_agent(text: str) -> Any:
    return validate_agent(_sent_agent(text), group_allowed=False)


def _sent_agent(text: str) -> Any:
    sent = read_json(text.encode()).value
    plain = plain_agent(sent)
    return plain if plain != sent and tolerates("array-valued-agent") else sent


def _text(text: str) -> str:
    return text


class StatementParams(Schema):
    """The parameters of GET statements."""

    class Meta:
        unknown = RAISE

    statement_id = Text(parse_uuid, data_key="statementId")
    voided_statement_id = Text(parse_uuid, data_key="voidedStatementId")
    agent = Text(_agent)
    verb = Text(_iri)
    activity = Text(_activity)
    registration = Text(parse_uuid)
    related_activities = Text(_boolean, load_default=False)
    related_agents = Text(_boolean, load_default=False)
    since = Text(_timestamp, load_default=None)
    until = Text(_timestamp, load_default=None)
    limit = Text(_limit, load_default=MAX_LIMIT)
    format = Text(_format, load_default="exact")
    attachments = Text(_boolean, load_default=False)
    ascending = Text(_boolean, load_default=False)
    cursor = Text(_cursor, load_default=None)


class PutParams(Schema):
    """The parameters of PUT statements."""

    class Meta:
        unknown = RAISE

    statement_id = Text(parse_uuid, data_key="statementId")


class StateParams(Schema):
    """The parameters of the state resource."""

    class Meta:
        unknown = RAISE

    activity = Text(_activity, data_key="activityId", required=True)
    agent = Text(_agent, required=True)
    registration = Text(parse_uuid, load_default="")
    id = Text(_text, data_key="stateId")
    since = Text(_timestamp)


class ActivityProfileParams(Schema):
    """The parameters of the activity profile resource."""

    class Meta:
        unknown = RAISE

    activity = Text(_activity, data_key="activityId", required=True)
    id = Text(_text, data_key="profileId")
    since = Text(_timestamp)


class AgentProfileParams(Schema):
    """The parameters of the agent profile resource."""

    class Meta:
        unknown = RAISE

    agent = Text(_agent, required=True)
    id = Text(_text, data_key="profileId")
    since = Text(_timestamp)


class AgentParams(Schema):
    """The parameters of the agents resource."""

    class Meta:
        unknown = RAISE

    agent = Text(_single_agent, required=True)


class ActivityParams(Schema):
    """The parameters of the activities resource."""

    class Meta:
        unknown = RAISE

    activity = Text(_activity, data_key="activityId", required=True)


class NoParams(Schema):
    """No parameters at all."""

    class Meta:
        unknown = RAISE


def _demand_utf8(query: bytes) -> None:
    """What is not UTF-8 stays percent-encoded when it is read; but so does what was encoded twice."""
    try:
        unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        raise BadRequest(
            "The query string is not in UTF-8.",
            code="charset",
            allowed="UTF-8",
            section="Communication 1.4",
        ) from None


@cache
def _ready(schema: type[Schema]) -> Schema:
    """Return the schema made; making one costs more than reading with it."""
    return schema()


def read_params(schema: type[Schema], sent: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the typed parameters of this request, or those that a page has made of it.

    Raises: BadRequest if one is unknown (names are case-sensitive), given twice, malformed, or missing.
    Spec: Communication 3.2 (1.0.3).
    """
    known = _ready(schema)
    if not (request.args or known.fields):
        return {}
    if "%" in "".join(map("".join, request.args.items(multi=True))):
        _demand_utf8(request.query_string)
    repeated = [name for name, values in request.args.lists() if len(values) > 1]
    if repeated:
        raise BadRequest(
            f'The parameter "{repeated[0][:_SHOWN]}" is given twice.',
            code="parameter-repeated",
            allowed="each parameter once",
        )
    try:
        values: dict[str, Any] = known.load(request.args.to_dict() if sent is None else sent)
    except ValidationError as problem:
        names = ", ".join(field.data_key or name for name, field in known.fields.items())
        faulty, reasons = next(iter(problem.messages_dict.items()))
        missing = any("Missing" in str(reason) for reason in reasons)
        raise BadRequest(
            f'The parameter "{faulty[:_SHOWN]}" is {"missing" if missing else "not known here"}.',
            code="parameter-missing" if missing else "parameter-unknown",
            allowed=names or "no parameters",
            section="Communication 3.2",
        ) from None
    return values
