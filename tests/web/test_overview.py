"""The overview, courses and learners: what each role is shown first, and what stands there before there is data."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from lrs.analytics.simulator.courses import COURSES_CSV
from lrs.analytics.simulator.simulation import Simulation
from lrs.assembly import Services
from lrs.web.views import VIEWS
from tests.analytics.places import COURSE, told
from tests.build import agent
from tests.conftest import Client, Visitor, settled

Visit = Callable[..., Visitor]
PEOPLE = [
    "person,identifiers,name,department,manager\n",
    "BOSS,boss@example.org,Bo,kitchen,\n",
    *(f"P{who},learner-{who}@example.org,Name {who},nursing,BOSS\n" for who in range(20)),
]


@pytest.fixture
def filled(client: Client) -> Client:
    done = {"completion": True}
    sent = [told(who, "launched") for who in range(20)]
    sent += [told(who, "completed", days=59, result=done) for who in range(12)]
    assert client.post(sent).status_code == 200
    return client


def text_of(visitor: Visitor, path: str) -> str:
    """Return a page in which every part is there."""
    text: str = settled(lambda: visitor.get(path)).text
    return text


def card(text: str, name: str) -> str:
    found = re.search(rf'id="card-{name}".*?</section>', text, re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]+>", " ", found.group()).split())


@pytest.mark.parametrize("role", ["administrator", "analyst", "manager"])
def test_a_card_shows_a_figure_and_two_companions(filled: Client, visit: Visit, role: str) -> None:
    visitor = visit(role, agent=agent("boss"))
    visitor.web.application.extensions["lrs"].references.import_people(PEOPLE)

    text = card(text_of(visitor, "/"), "completion")

    assert "60% of those who began have completed" in text
    assert text.count(" of 1 courses complete worse") == 1
    assert "0 began too lately to count" in text


def test_a_learner_finds_the_own_data_first(filled: Client, visit: Visit) -> None:
    text = text_of(visit("learner", agent=agent("learner-3")), "/")

    assert "<h1>What is kept about you</h1>" in text
    assert "1 of 1 courses begun are completed" in text


def test_everybody_who_is_somebody_sees_the_own_data(filled: Client, visit: Visit) -> None:
    assert "1 of 1 courses" in text_of(visit("manager", agent=agent("learner-3")), "/me")
    assert visit("analyst").get("/me").status_code == 403


def test_a_manager_finds_nothing_about_learners_of_others(filled: Client, visit: Visit) -> None:
    text = text_of(visit("manager", agent=agent("boss")), "/learners?learner=learner-3@example.org")

    assert "nothing that you may see about this learner" in text


def test_the_story_of_a_course_tells_its_planted_numbers(filled: Client, visit: Visit) -> None:
    text = text_of(visit(), f"/courses?course={COURSE}")

    assert re.search(r"20 have begun,\s+12 have completed:\s+60 %", text)


def test_a_course_that_nobody_is_in_is_a_plain_sentence(filled: Client, visit: Visit) -> None:
    text = text_of(visit(), "/courses?course=http://example.org/none")

    assert "Nobody has begun this course" in text


@pytest.mark.parametrize("path", ["/", "/courses", "/learners", "/reports/completion"])
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("since=yesterday", "since is not a day."),
        ("since=2026-02-01&until=2026-01-01", "The period ends before it begins."),
        ("hour=noon", "hour is not a whole number."),
        ("departmant=nursing", "has no such parameter."),
        ("period=7", "There is no such period."),
        ("device=mobile&device=desktop", "A parameter is given twice."),
    ],
)
def test_a_filter_that_makes_no_sense_gets_a_plain_sentence(
    filled: Client, visit: Visit, path: str, query: str, sentence: str
) -> None:
    visitor = visit()
    answer = settled(lambda: visitor.get(f"{path}?{query}"))

    assert answer.status_code == 400
    assert sentence in answer.text
    assert "What would have worked" in answer.text


def test_filters_stay_in_every_address(filled: Client, visit: Visit) -> None:
    text = text_of(visit(), "/?department=nursing&period=365")

    assert 'href="/reports/completion?department=nursing&amp;period=365"' in text


def test_an_overview_without_data_says_what_to_send_first(client: Client, visit: Visit) -> None:
    text = visit().get("/").text

    assert "Send the first statement" in text
    assert "curl -u KEY:SECRET" in text


@pytest.mark.parametrize(
    ("report", "part"),
    [
        ("video-exits", "played-segments"),
        ("assessments", "&#34;score&#34;"),
        ("items", "verbs/answered"),
        ("people-match", "lrs people import"),
        ("completion", "verbs/completed"),
    ],
)
def test_a_report_without_data_shows_the_call_that_it_waits_for(
    client: Client, visit: Visit, report: str, part: str
) -> None:
    text = text_of(visit(), f"/reports/{report}")

    assert "This report waits for" in text
    assert part in text


def test_filters_that_leave_nothing_can_be_taken_away(filled: Client, visit: Visit) -> None:
    text = text_of(visit(), "/reports/completion?department=none")

    assert "Nothing fits these filters" in text
    assert 'href="/reports/completion" data-part' in text


def test_three_people_have_three_home_pages(filled: Client, visit: Visit) -> None:
    visitor = visit("analyst", agent=agent("boss"))
    visitor.web.application.extensions["lrs"].references.import_people(PEOPLE)
    homes = {
        "hr": ["activity", "competency", "outcomes", "costs"],
        "training": ["completion", "funnel", "drop", "items", "risk"],
        "compliance": ["obligations", "calendar", "lead", "notices"],
    }
    for view, cards in homes.items():
        text = text_of(visitor, f"/?for={view}")
        assert re.findall('id="card-(\\w+)" tab', text) == cards
        assert f'href="/?for={view}" aria-current="page"' in text
        assert f'name="for" value="{view}"' in text
        assert "No filters" not in text
    assert "60%" in card(text_of(visitor, "/?for=training"), "completion")
    assert "0% were told" in card(text_of(visitor, "/?for=compliance"), "notices")


def test_a_point_of_view_that_there_is_not_is_a_plain_sentence(
    filled: Client, visit: Visit
) -> None:
    found = visit().get("/?for=nobody")

    assert found.status_code == 400
    assert "There is no such point of view." in found.text
    assert "hr, training, compliance" in found.text


def test_what_is_wrong_with_one_card_stands_on_it(
    filled: Client, visit: Visit, services: Services
) -> None:
    services.references.import_people(PEOPLE)

    text = text_of(visit("analyst"), "/?department=nursing")

    assert "not told apart by department" in card(text, "risk")
    assert "60% of those who began have completed" in card(text, "completion")


@pytest.mark.parametrize("view", [one for one in VIEWS if one])
def test_the_cards_of_a_year_have_figures(
    client: Client, visit: Visit, services: Services, view: str
) -> None:
    work = Simulation(learners=150, seed=5, last=datetime.now(UTC).date())
    sent = list(work.statements())
    for start in range(0, len(sent), 500):
        assert client.post(sent[start : start + 500]).status_code == 200
    services.references.import_people(work.people_csv())
    services.references.import_courses(COURSES_CSV.splitlines(keepends=True))
    services.references.import_outcomes(work.outcomes_csv())

    text = text_of(visit(), f"/?for={view}")

    for one in VIEWS[view].cards:
        assert (
            'class="figure"' in re.search(f'id="card-{one.name}".*?</section>', text, re.DOTALL)[0]
        ), one.name  # type: ignore[index]
    looks = re.search(r'id="attention".*?</section>', text, re.DOTALL)
    assert looks is not None
    assert ("certificates that must be held" in looks[0]) == (view != "training")
    assert ("who clicked" in looks[0]) == (view == "training")
