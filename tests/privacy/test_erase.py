"""`lrs erase`: what is theirs goes from everywhere, what others did stays."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lrs.analytics.audience import EVERYONE
from lrs.analytics.report import Table
from lrs.errors import BadRequest
from lrs.services.maintenance import check
from tests.build import agent, new_id
from tests.privacy.world import (
    BY_ACCOUNT,
    BY_DIGEST,
    BY_MAIL,
    HOME,
    MAIL,
    NAME,
    OWN,
    SHARED,
    World,
    digest,
    made,
)


def left(world: World, ids: list[str]) -> list[str]:
    return [one for one in ids if world.services.store.statements.get(one) is not None]


def faults(world: World) -> list[str]:
    return list(check(world.services.store, lambda entries, length: entries))


def test_at_first_it_only_counts(world: World) -> None:
    world.fill()
    before = world.services.store.statements.count()
    world.close()

    told = world.lrs("erase", MAIL)

    assert told.exit_code == 0
    counts = {line[13:]: int(line[:11]) for line in told.output.splitlines()[1:-1]}
    # The LMS has said something of its own, and keeps the session's launch data.
    assert counts["statements"] > len(world.theirs)
    assert counts["documents"] == 3
    assert {
        "people": 1,
        "outcomes": 1,
        "ledger entries": 2,
        "links of visitors": 1,
        "registrations": 1,
        "rejected requests": 1,
        "accounts": 1,
    }.items() <= counts.items()
    assert "2  mentions in statements of others, which stay" in told.output
    assert "Nothing was erased" in told.output
    assert world.services.store.statements.count() == before


def test_what_is_theirs_goes_and_what_others_did_stays(world: World) -> None:
    world.fill()
    world.close()

    told = world.lrs("erase", f"mailto:{MAIL}", "--yes", "--by", "the DPO")

    assert told.exit_code == 0, told.output
    services = world.services
    assert left(world, world.theirs) == []
    assert left(world, world.others) == world.others
    assert left(world, world.naming) == world.naming
    assert services.store.attachments.get(digest(OWN)) is None
    assert services.store.attachments.get(digest(SHARED)) == SHARED
    assert list(services.cmi5.registrations.find()) == []
    assert services.accounts.all() == {}
    assert list(services.persons.all()) == ["berta-v"]
    assert [one["person"] for one in services.ledgers.all("request").values()] == [
        "mbox|mailto:berta@example.org"
    ]
    assert len(services.rejects.all()) == 1
    assert list(services.references.people()) == ["B1"]
    assert not services.erasure.count(services.who.is_meant_by([MAIL]))["documents"]
    assert faults(world) == []


def test_voiding_holds_on_both_sides(world: World) -> None:
    world.fill()
    world.close()

    world.lrs("erase", MAIL, "--yes")

    voided_by_them = world.services.store.statements.get(world.others[2])
    assert voided_by_them is not None
    assert voided_by_them.voided
    world.close()
    assert world.lrs("reindex").exit_code == 0
    assert world.lrs("check").exit_code == 0


def test_a_target_that_never_came_does_not_come_unvoided(world: World) -> None:
    late = made(agent("berta"))
    voider = {**made(BY_MAIL), "verb": {"id": "http://adlnet.gov/expapi/verbs/voided"}}
    world.put({**voider, "object": {"objectType": "StatementRef", "id": late["id"]}})
    world.close()

    world.lrs("erase", MAIL, "--yes")

    assert world.client().post(late).status_code == 409


def test_nothing_is_left_of_the_account_and_of_what_is_mailed(world: World) -> None:
    services = world.services
    services.accounts.add(MAIL, role="learner", password="a long password", agent=BY_MAIL)
    services.accounts.sign_in(MAIL, "a long password")
    services.accounts.sign_in(MAIL, "a wrong password")
    mailed = {"report": "completion", "recipient": MAIL.replace("example", "Example")}
    services.ledgers.add("subscription", mailed)
    world.put(made(agent("berta")))
    world.close()

    world.lrs("erase", MAIL, "--yes")

    assert NAME.encode() not in world.texts()
    assert world.holding(NAME.encode()) == []


def test_what_others_files_say_of_them_is_counted_and_stays(world: World) -> None:
    people = ["person,identifiers,manager\n", f"Z1,{MAIL},Z1\n", f"B1,b@x.org,{MAIL}\n"]
    world.services.references.import_people([*people, "C1,c@x.org,Z1\n", "D1,d@x.org,B1\n"])
    world.services.references.import_courses(
        ["course,owner\n", f"http://x.org/1,{MAIL}\n", "http://x.org/2,Z1\n", "http://x.org/3,\n"]
    )
    world.close()

    told = world.lrs("erase", MAIL, "--mentions").output

    assert "2  managed persons in the people file, where their manager's name stays" in told
    assert "2  owned courses in the course file, where their owner's name stays" in told


def test_mentions_go_if_they_are_to_and_no_byte_is_left(world: World) -> None:
    world.fill()
    assert world.holding(NAME.encode())
    world.close()

    told = world.lrs("erase", MAIL, "--yes", "--mentions")

    assert told.exit_code == 0, told.output
    assert left(world, world.naming) == []
    assert left(world, world.others) == world.others
    for needle in (NAME, BY_DIGEST["mbox_sha1sum"], OWN.decode()):
        assert needle.encode() not in world.texts()
        assert world.holding(needle.encode()) == [], needle
    assert faults(world) == []


def test_reports_answer_without_them_and_a_rebuild_does_not_bring_them_back(world: World) -> None:
    world.fill()

    def asked() -> str:
        found = world.services.runs.ask("people-match", {}, EVERYONE, patience=60, age=9_999)
        assert isinstance(found, Table)
        return json.dumps(found.rows).lower()

    assert NAME in asked()
    person = world.services.who.is_meant_by([MAIL])

    world.services.erasure.erase(person, by="test", mentions=True)

    for _ in range(2):
        assert NAME not in asked()
        world.services.lake.rebuild()


@pytest.mark.parametrize(
    "typed",
    [
        MAIL,
        f"mailto:{MAIL}",
        f"{HOME}|{NAME}-7",
        f"{HOME} {NAME}-7",
        json.dumps(BY_ACCOUNT),
        "Z1",
        f"mbox|mailto:{MAIL}",
    ],
)
def test_any_of_their_identifiers_names_them_all(world: World, typed: str) -> None:
    world.fill()

    person = world.services.who.is_meant_by([typed])

    assert len(person.identities) == 5
    assert (person.names, person.visitors) == ({"Z1"}, {f"{NAME}-v"})


def test_a_person_with_whom_an_identifier_is_shared_is_not_erased(world: World) -> None:
    records = world.services.store.records
    for person, mail in (("A", "anna"), ("B", "berta")):
        shared = [f"mbox|mailto:{one}@example.org" for one in (mail, "kiosk")]
        records.put("person", person, {"periods": [{"identities": shared}]})

    for typed in ("A", "anna@example.org"):
        with pytest.raises(BadRequest) as refused:
            world.services.who.is_meant_by([typed])
        assert refused.value.message.startswith("kiosk@example.org is an identifier of B as well")
    with pytest.raises(BadRequest):
        world.services.who.is_meant_by(["kiosk@example.org"])

    assert world.services.who.is_meant_by(["A", "B"]).names == {"A", "B"}
    both = ["anna@example.org", "berta@example.org"]
    assert world.services.who.is_meant_by(both).names == {"A", "B"}


def test_who_is_nobody_is_told_so(world: World) -> None:
    world.services  # noqa: B018 makes the store
    world.close()

    told = world.lrs("erase", "Somebody")

    assert told.exit_code == 1
    assert "Nobody is called Somebody here." in told.output
    assert world.lrs("erase").exit_code == 2


def test_what_was_erased_is_refused_and_stays_out_of_the_inbox(world: World) -> None:
    gone, other = made(BY_MAIL), made(agent("berta"))
    world.put(gone)
    person = world.services.who.is_meant_by([MAIL])
    world.services.erasure.erase(person, by="test")

    refused = world.client().post([other, gone])

    assert (refused.status_code, refused.json["code"]) == (409, "statement-erased")
    assert refused.json["pointer"] == "/1"
    assert left(world, [other["id"]]) == []
    (id,) = world.services.rejects.all()
    assert world.services.rejects.body(id) is None
    # They may go on learning.
    assert world.client().post(made(BY_MAIL)).status_code == 200


def test_an_import_passes_over_what_was_erased(world: World) -> None:
    gone, other = made(BY_MAIL), made(agent("berta"))
    world.put(gone)
    person = world.services.who.is_meant_by([MAIL])
    world.services.erasure.erase(person, by="test")
    world.close()
    file = world.folder / "backup.ndjson"
    file.write_text(f"{json.dumps(gone)}\n{json.dumps(other)}\n")

    told = world.lrs("import", "--rejects", str(world.folder / "rejects.ndjson"), str(file))

    assert told.exit_code == 0
    assert "1 stored, 0 there already, 0 rejected, 1 erased before" in told.output
    assert not (world.folder / "rejects.ndjson").exists()
    assert left(world, [gone["id"]]) == []


def test_the_log_says_when_by_whom_and_how_much(world: World) -> None:
    world.put(made(BY_MAIL), made(BY_MAIL))
    world.close()

    world.lrs("erase", MAIL, "--yes", "--by", "the DPO")
    log = world.lrs("erase", "--log").output

    assert "the DPO  2 statements" in log
    assert NAME not in log


def test_kill_9_anywhere_is_finished_by_running_it_again(world: World) -> None:
    world.fill()
    world.close()
    step, died = 1, 0
    while True:
        process = subprocess.run(
            [sys.executable, "-m", "tests.privacy.dying", world.folder, world.uri, str(step)],
            cwd=Path(__file__).parents[2],
            check=False,
        )
        if process.returncode == 0:
            break
        assert process.returncode == -9
        died += 1
        step += 4

    assert died >= 4
    assert left(world, [*world.theirs, *world.naming]) == []
    assert left(world, world.others) == world.others
    assert world.services.store.attachments.get(digest(OWN)) is None
    assert NAME.encode() not in world.texts()
    assert world.holding(NAME.encode()) == []
    assert not world.services.erasure.unfinished()
    assert faults(world) == []
    gone = world.theirs[0]
    assert world.client().post({**made(BY_MAIL), "id": gone}).status_code == 409


def test_nothing_is_erased_of_somebody_else(world: World) -> None:
    world.fill()
    before = world.services.store.statements.count()
    world.close()

    world.lrs("erase", "nobody@example.org", "--yes", "--mentions")

    assert world.services.store.statements.count() == before
    assert len(world.services.rejects.all()) == 2
    assert len(world.services.persons.all()) == 2


def test_many_statements_go_in_several_steps(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrs.privacy.erasure._SIZE", 4)
    world.put(*(made(BY_MAIL) for _ in range(11)), *(made(agent("berta")) for _ in range(3)))
    person = world.services.who.is_meant_by([MAIL])

    entry = world.services.erasure.erase(person, by="test")

    assert entry["counts"]["statements"] == 11
    assert world.services.store.statements.count() == 3
    assert new_id() not in world.texts().decode()
