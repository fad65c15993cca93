"""Events of one's own: checked as ours are, then used like them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from lrs.assembly import build_services
from lrs.cli import main
from lrs.config import Config
from lrs.services.statements import Sender
from lrs.taxonomy.envelope import Envelope
from lrs.taxonomy.events import Catalog, check_file, load_catalog, own_tables
from lrs.taxonomy.intake import Intake, Tracker
from lrs.taxonomy.mapping import Mapper
from lrs.taxonomy.profiles import Profiles
from lrs.taxonomy.roles import load_roles
from lrs.taxonomy.trial import failures
from tests.build import AUTHORITY, new_id

GOOD = """
[event."simulation.finished"]
about = "A learner finishes a simulation"
stage = "engage"
volume = "medium"
roles = ["completion"]
funnel = "completion"
verb = "adl:completed"
completion = true
object = { id = "simulation/{simulation_id}", type = "V:simulation" }
parent = [{ id = "course/{course_id}", type = "T:course" }]
when = [{ if = [["score_pct", "<", 50]], verb = "adl:failed" }]

[event."simulation.finished".properties]
simulation_id = { type = "id" }
course_id = { type = "id", optional = true }
score_pct = { type = "number", min = 0, max = 100, to = "score" }
errors = { type = "integer", min = 0, to = "result:V:errors" }
"""

SLOT = 'simulation_id = { type = "id" }'
TARGET = 'object = { id = "simulation/{simulation_id}", type = "V:simulation" }'
CASE = '"score_pct", "<", 50'
RULE = 'rules = [{ if = [["errors", ">", 5]], '


def own(tmp_path: Path, text: str = GOOD) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    return path


def test_an_event_of_ones_own_is_taken_mapped_and_read_back(tmp_path: Path) -> None:
    folder = own(tmp_path).parent
    services = build_services(Config(data=tmp_path / "data", events=str(folder)))
    properties = {"simulation_id": "s1", "score_pct": 40, "errors": 2}
    message = {"event": "simulation.finished", "user_id": "u1", "properties": properties}
    tracker = Tracker("key", Sender(AUTHORITY, may_void=False))
    verdicts, new = services.intake.take([message], tracker=tracker)
    [statement] = [one.statement for one in services.store.statements.scan(after=0, limit=9)]
    services.close()
    assert (new, verdicts[0].status) == (1, "accepted")
    assert statement["verb"]["id"] == "http://adlnet.gov/expapi/verbs/failed"
    assert statement["result"]["score"]["scaled"] == 0.4
    assert "parent" not in statement["context"]["contextActivities"]
    tracked = services.mapper.tracked(statement)
    assert tracked is not None
    assert tracked.properties == properties
    meaning = load_roles(services.mapper.catalog.tables).of(statement)
    assert (meaning.event, meaning.funnel) == ("simulation.finished", "completion")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"simulation.finished"]', '"Finished"]', "is not of the form thing.happened"),
        ('volume = "medium"', 'volume = "huge"', "volume: is not one of high, medium, low, admin"),
        ('volume = "medium"', "", "volume: is missing"),
        ('stage = "engage"', "stage = 1", "stage: is not a str"),
        ('verb = "adl:completed"', 'verb = "completed"', "verb: is neither"),
        ('verb = "adl:completed"', 'verb = "xyz:completed"', "verb: is neither"),
        ('verb = "adl:completed"', 'verb = "http:// x"', "verb: is neither"),
        ('"result:V:errors"', '"result:V:my errors"', "to: is neither"),
        ("{simulation_id}", "{nothing}", "{nothing} is no property"),
        ("simulation/{", "simulation {", "not allowed in a path"),
        ('type = "V:simulation"', 'type = "simulation"', "object.type: is neither"),
        (', type = "V:simulation"', "", "object: needs type or type_by"),
        ('type = "V:simulation"', 'type_by = "errors"', "names no property of the type content"),
        ('to = "score"', 'to = "nowhere"', "to: is not one of"),
        (', to = "score"', "", "its value goes nowhere"),
        ('type = "integer"', 'type = "whole"', "properties.errors.type: is not one of"),
        ('type = "number", min', 'type = "word", min', "type: is not integer or number"),
        ("max = 100", "max = 1000", "a score runs from 0 to 100"),
        ("max = 100", "most = 100", "most: is not known here"),
        ("completion = true", "complete = true", "complete: is not known here"),
        ('to = "result:V:errors"', 'to = "result:V:errors", as = "hour"', "as: is not one of"),
        ('to = "result:V:errors"', 'to = "duration"', "as: is not one of hours, minutes, seconds"),
        ('"<", 50', '"~", 50', 'is not a list of ["property", operator, value]'),
        ("[event.", "[[[", "is not TOML"),
        ("[event.", "[events.", "holds no table"),
        ('stage = "engage"', 'stage = "engage"\nobject2 = 1', "object2: is not known"),
        # What goes together only badly.
        (SLOT, SLOT[:-2] + ', optional = true }', "object: needs simulation_id"),
        (SLOT, SLOT[:-2] + ', null = true }', "object: needs simulation_id"),
        (SLOT, SLOT.replace("id\"", 'boolean"'), "simulation_id is not of one"),
        (SLOT, SLOT.replace("id\"", 'number"'), "simulation_id is not of one"),
        (TARGET, 'object = { agent = [] }', "object.agent: names no property"),
        ("simulation/{", "../simulation/{", "object.id: holds two dots"),
        ("roles =", RULE + ' code = "W_RANGE" }]\nroles =', "rules.0.at: names no property"),
        ("roles =", RULE + ' code = "W_FOO", at = "errors" }]\nroles =', "rules.0.code: is not one of"),
        (CASE, '"score_pct", "<", "50"', "when.0.if: score_pct is a number and is compared with a text"),
        (CASE, '"course_id", "<", "50"', "when.0.if: course_id is a text, which is only = or missing"),
        (CASE, '"score", "<", 50', "when.0.if: score is no property"),
        (CASE, '"score_pct", "<", "@nothing"', "when.0.if: nothing is no property"),
        (CASE, '"score_pct", "<", 50, "x"', "a factor and a summand"),
        (CASE, '"score_pct", "missing", 1', "true or false"),
        ('type = "integer"', 'type = "integer", values = [1, 2]', "values: only word, title, text have them"),
        ('type = "integer", min = 0', 'type = "word", values = [1, [2], {a = 1}]', "values: is not a list of texts"),
        ('type = "integer", min = 0', 'type = "word", values = []', "values: is not a list of texts"),
        ('type = "integer", min = 0', 'type = "integer", min = 5, max = 1', "min: is above max"),
        ('type = "integer", min = 0', 'type = "integer", min = nan', "min: is not a finite number"),
        ('type = "integer", min = 0', 'type = "word", max = 5', "only integer and number have"),
        ('type = "integer", min = 0', 'type = "integer", above = 1, max = 1', "above: is not below max"),
        ('"result:V:errors"', '"context:V:event"', "context:V:event: is written by the LRS itself"),
        ("roles =", 'context = {"V:event" = "lesson.completed"}\nroles =', "context:V:event: is written by the LRS"),
        ("roles =", 'context = {"V:property/errors" = 1}\nroles =', "is written by the LRS itself"),
        ("roles =", 'result = {"V:errors" = 1}\nroles =', "result:V:errors: is where errors goes already"),
        ("roles =", 'result = {"V:x" = nan}\nroles =', "result.V:x: is not what JSON can hold"),
        ("roles =", 'result = {"V:x" = [{a = inf}]}\nroles =', "result.V:x: is not what JSON can hold"),
        ("roles =", 'result = {"V:x" = 2026-01-01}\nroles =', "result.V:x: is not what JSON can hold"),
        ('errors =', 'faults = { type = "word", to = "result:V:errors" }\nerrors =', "where faults goes already"),
        ('roles = ["completion"]', "roles = [5]", "roles: is not a list of names"),
        ('stage = "engage"', 'stage = " "', "stage: is empty"),
    ],
)  # fmt: skip
def test_every_fault_of_a_file_is_told_with_its_place(
    tmp_path: Path, old: str, new: str, fault: str
) -> None:
    assert old in GOOD
    tables, faults = check_file(own(tmp_path, GOOD.replace(old, new)))
    assert tables == {}
    assert any(fault in one for one in faults), faults


def test_a_person_as_the_object_must_be_named_by_an_id_that_always_comes(tmp_path: Path) -> None:
    text = GOOD.replace(TARGET, 'object = { agent = "course_id" }').replace(SLOT, "")
    _, faults = check_file(own(tmp_path, text))
    assert faults == [
        "event.simulation.finished.object: needs course_id, which may be missing or null."
    ]


def test_our_own_events_map_their_samples() -> None:
    assert list(failures(own_tables())) == []


def test_a_table_whose_statement_the_door_would_refuse_fails_its_check(tmp_path: Path) -> None:
    path = own(tmp_path, GOOD.replace('to = "score" }', 'as = "rating", to = "score" }'))
    found = CliRunner().invoke(main, ["taxonomy", "check", str(path)])
    assert found.exit_code == 1
    assert "event.simulation.finished: its statement is refused at /result/score" in found.output


def test_a_whole_number_in_an_id_may_come_as_a_float(tmp_path: Path) -> None:
    own(
        tmp_path,
        GOOD.replace('simulation_id = { type = "id" }', 'simulation_id = { type = "integer" }'),
    )
    mapper = Mapper(load_catalog("http://x.org", tmp_path))
    properties = {"simulation_id": 5.0, "score_pct": 40, "errors": 2}
    sent = Envelope("track", "simulation.finished", properties, user_id="u")
    statement = mapper.statement_of(mapper.catalog.events["simulation.finished"], sent, source="k")
    assert statement["object"]["id"] == "http://x.org/simulation/5"


def test_a_faulty_folder_keeps_the_server_from_starting_with_every_fault_told(
    tmp_path: Path,
) -> None:
    own(tmp_path, GOOD.replace("max = 100", "most = 1").replace("completion = true", "x = 1"))
    with pytest.raises(ValueError, match=r"(?s)x: is not known here.*most: is not known here"):
        load_catalog("http://x.org", tmp_path)
    with pytest.raises(ValueError, match="There is no folder"):
        load_catalog("http://x.org", tmp_path / "none")


def test_an_event_of_the_taxonomy_cannot_be_replaced(tmp_path: Path) -> None:
    own(tmp_path, GOOD.replace("simulation.finished", "lesson.started"))
    with pytest.raises(ValueError, match=r"lesson\.started: there is such an event already"):
        load_catalog("http://x.org", tmp_path)


def test_a_statement_that_the_door_refuses_is_told_as_the_events_own_fault(tmp_path: Path) -> None:
    services = build_services(Config(data=tmp_path / "data"))
    table = own_tables()["lesson.started"]
    # No file can say this: it would not pass the check.
    odd = {"odd.started": {**table, "verb": "no iri"}, "lesson.started": table}
    mapper = Mapper(Catalog(odd, "http://x.org"))
    records = services.store.records
    profiles = Profiles(mapper, services.documents)
    persons = services.persons
    intake = Intake(mapper, services.statements, records, persons, profiles, lambda: 10**15, new_id)
    properties = {"lesson_id": "l", "course_id": "c", "lesson_number": 1}
    messages = [
        {"event": name, "user_id": "u", "properties": properties, "message_id": name}
        for name in ("lesson.started", "odd.started")
    ]
    verdicts, new = intake.take(messages, tracker=Tracker("key", Sender(AUTHORITY, may_void=False)))
    services.close()
    assert new == 1
    told = verdicts[1].as_json()
    assert (told["status"], told["code"], told["pointer"]) == ("refused", "E_STATEMENT", "/verb/id")


def test_the_command_checks_files(tmp_path: Path) -> None:
    path = own(tmp_path)
    found = CliRunner().invoke(main, ["taxonomy", "check", str(path)])
    assert (found.exit_code, found.output) == (0, "1 events can be used: simulation.finished.\n")
    found = CliRunner().invoke(main, ["taxonomy", "check", str(path), str(path)])
    assert found.exit_code == 1
    assert "is an event of" in found.output
    own(tmp_path, GOOD.replace("max = 100", "most = 100"))
    found = CliRunner().invoke(main, ["taxonomy", "check", str(path)])
    assert found.exit_code == 1
    assert "properties.score_pct.most: is not known here" in found.output
