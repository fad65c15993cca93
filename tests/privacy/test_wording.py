"""Who is named in statements of others where nothing says that it is an agent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.privacy.person import Person
from lrs.privacy.wording import wording_of
from lrs.xapi.entry import Entry
from tests.build import activity, agent
from tests.privacy.world import BY_ACCOUNT, BY_DIGEST, HOME, MAIL, NAME, World, made

SAID = "https://example.org/said"
PERSON = Person(
    frozenset(
        {
            f"mbox|mailto:{MAIL}",
            f"mbox_sha1sum|{BY_DIGEST['mbox_sha1sum']}",
            f"account|{HOME}|{NAME}-7",
            "openid|https://id.example.org/zara",
        }
    ),
    frozenset(),
    frozenset(),
    frozenset({"zara thustra"}),
)


def entry(*, escaped: bool = True, **parts: Any) -> Entry:
    told = made(agent("berta"), **parts)
    return Entry(1, told["id"], json.dumps(told, ensure_ascii=escaped).encode(), voided=False)


def pointers(**parts: Any) -> list[str]:
    wording, one = wording_of(PERSON), entry(**parts)
    found = wording.pointers(one)
    assert wording.is_in(one) == bool(found)
    return found


@pytest.mark.parametrize(
    "text",
    [
        f"ask {MAIL}.",
        f"<{MAIL.upper()}>",
        f"mailto:{MAIL}",
        "http://x.org/u/zarathustra%40example.org",
        f"?mail=mailto%3A{NAME}%40example.org&x",
        BY_DIGEST["mbox_sha1sum"],
        "https://id.example.org/zara",
        f"{HOME}|{NAME}-7",
        "Zara Thustra was here",
        "ZARA\nThustra",
        'a "quoted" Zara Thustra',
    ],
)
def test_a_person_is_found_in_free_text(text: str) -> None:
    assert pointers(result={"response": text}) == ["/result/response"]


@pytest.mark.parametrize(
    "text",
    [
        f"x{MAIL}",
        f"x.{MAIL}",
        f"{MAIL}.au",
        f"{MAIL}er",
        "https://id.example.org/zarah",
        f"{HOME}|{NAME}-77",
        f"{NAME}-7",
        "Zara, Thustra",
        "Sarazara Thustra",
        "zara",
    ],
)
def test_somebody_else_is_not_taken_for_them(text: str) -> None:
    assert pointers(result={"response": text}) == []


def test_each_place_has_its_pointer() -> None:
    referrer = {"account": {"homePage": HOME, "name": f"{NAME}-7"}}
    found = pointers(
        object=activity("http://x.org/a", name={"en": f"Chat with {MAIL}"}),
        result={"extensions": {SAID: {"by": [1, MAIL]}, f"http://x.org/{MAIL}": True}},
        context={"instructor": BY_ACCOUNT, "extensions": {SAID: referrer}},
    )

    said = "https:~1~1example.org~1said"
    assert sorted(found) == [
        f"/context/extensions/{said}/account",
        "/context/instructor/account",
        "/object/definition/name/en",
        f"/result/extensions/http:~1~1x.org~1{MAIL}",
        f"/result/extensions/{said}/by/1",
    ]


def test_an_account_of_that_name_elsewhere_is_somebody_else() -> None:
    other = {"account": {"homePage": "https://other.example.org", "name": f"{NAME}-7"}}

    assert pointers(context={"extensions": {SAID: other}}) == []


@given(
    st.text(
        alphabet=st.characters(
            exclude_categories=("L", "N", "M", "Cs"), exclude_characters="_.%+-@"
        ),
        max_size=4,
    ),
    st.booleans(),
    st.lists(st.sampled_from(["a", "/", "~", "\u00e4"]), max_size=4),
)
def test_however_deep_and_however_spelled(around: str, escaped: bool, path: list[str]) -> None:
    value: Any = f"{around}{MAIL}{around}"
    for name in path:
        value = {name: value}
    one = entry(result={"extensions": {SAID: value}}, escaped=escaped)

    assert wording_of(PERSON).is_in(one)
    (found,) = wording_of(PERSON).pointers(one)
    assert found.count("/") == 3 + len(path)


PEOPLE = f"person,identifiers,name\nZ1,{MAIL},Zara Thustra\nB1,berta@example.org,Berta Bee\n"


def talk(world: World) -> tuple[list[str], list[str]]:
    """Let Berta say things of Zara, and of others; return the ids of both."""
    world.services.references.import_people(PEOPLE.splitlines(keepends=True))
    of_zara = [
        made(agent("berta"), result={"response": "I asked Zara Thustra."}),
        made(agent("berta"), result={"extensions": {SAID: {"to": MAIL}}}),
    ]
    others = [
        made(agent("berta"), result={"response": f"I asked x{MAIL}."}),
        made(agent("berta"), result={"response": "Zara?"}),
    ]
    return world.put(*of_zara), world.put(*others)


def test_what_others_say_is_listed_with_where_it_is_said(world: World) -> None:
    of_zara, others = talk(world)
    world.close()

    told = world.lrs("erase", MAIL, "--mentions").output

    assert "2  mentions" in told
    assert f"{of_zara[0]}  /result/response" in told
    assert f"{of_zara[1]}  /result/extensions/https:~1~1example.org~1said/to" in told
    assert not any(one in told for one in others)
    assert "Nothing was erased" in told
    counted = world.lrs("erase", MAIL).output
    assert "2  mentions in statements of others, which stay without --mentions" in counted
    assert of_zara[0] not in counted


def test_it_stays_or_goes_as_all_mentions_do(world: World) -> None:
    of_zara, others = talk(world)
    get = world.services.store.statements.get

    person = world.services.who.is_meant_by([MAIL])
    world.services.erasure.erase(person, by="test")
    assert all(get(one) is not None for one in of_zara)

    # What the people file knew is gone now: the name is theirs no more.
    world.services.references.import_people(PEOPLE.splitlines(keepends=True))
    person = world.services.who.is_meant_by([MAIL])
    entry_of_log = world.services.erasure.erase(person, by="test", mentions=True)

    assert entry_of_log["counts"]["statements"] == 2
    assert [get(one) for one in of_zara] == [None, None]
    assert all(get(one) is not None for one in others)
    world.close()
    for needle in (b"zara thustra", b'"' + MAIL.encode()):
        assert needle not in world.texts()
        assert world.holding(needle) == []


def test_a_name_that_somebody_else_has_as_well_is_not_sought(world: World) -> None:
    talk(world)
    world.services.references.import_people(
        ["person,identifiers,name\n", "T1,t@example.org,zara thustra\n"]
    )

    assert world.services.who.is_meant_by([MAIL]).called == frozenset()
    assert world.services.erasure.count(world.services.who.is_meant_by([MAIL]))["mentions"] == 1
