from __future__ import annotations

from collections.abc import Callable

import pytest

from lrs.analytics.ledger_kinds import LEDGERS
from lrs.assembly import Services
from tests.analytics.places import COURSE
from tests.conftest import Client, Visitor

Visit = Callable[..., Visitor]
PAGE = "/ledgers/change"
CHANGE = {"do": "add", "place": COURSE, "what": "<b>shorter</b>", "kind": "shorten"}


def test_an_entry_is_written_and_closed_on_the_page(visit: Visit, services: Services) -> None:
    visitor = visit()

    assert visitor.send(PAGE, CHANGE, page=PAGE).status_code == 303
    shown = visitor.get(PAGE).text
    assert "&lt;b&gt;shorter&lt;/b&gt;" in shown
    ((entry, record),) = services.ledgers.all("change").items()
    assert (record["kind"], record["by"], record["why"]) == ("shorten", "administrator", "skipped")

    closing = {"do": "close", "entry": entry, "note": "kept"}
    assert visitor.send(PAGE, closing, page=PAGE).status_code == 303
    assert services.ledgers.all("change")[entry]["note"] == "kept"


def test_a_form_that_cannot_be_used_is_shown_again_with_what_was_typed(visit: Visit) -> None:
    answer = visit().send(PAGE, {**CHANGE, "days": "1"}, page=PAGE)

    assert answer.status_code == 400
    assert "a whole number from 7 to 180" in answer.text
    assert COURSE in answer.text


def test_what_the_lrs_writes_is_not_written_by_hand(visit: Visit) -> None:
    form = {"do": "add", "place": COURSE}
    assert visit().send("/ledgers/flag", form, page=PAGE).status_code == 403


@pytest.mark.parametrize("name", LEDGERS)
def test_every_ledger_has_a_page_and_json(visit: Visit, name: str) -> None:
    visitor = visit()

    assert LEDGERS[name].title in visitor.get(f"/ledgers/{name}").text
    assert visitor.get(f"/ledgers/{name}.json").get_json() == {"entries": []}


def test_the_form_offers_courses_and_the_page_leads_to_reports(
    visit: Visit, services: Services
) -> None:
    services.references.import_courses(
        ["course,title,modules\n", f"{COURSE},Safety <1>,http://example.org/m\n"]
    )

    shown = visit().get(PAGE).text

    assert f'<option value="{COURSE}">Safety &lt;1&gt;</option>' in shown
    assert '<option value="http://example.org/m">' in shown
    assert 'href="/reports/change-speed"' in shown


def test_a_ledger_that_is_not_there_is_told(visit: Visit) -> None:
    assert visit().get("/ledgers/nothing").status_code == 404


def test_ledgers_are_not_for_everybody(visit: Visit, client: Client) -> None:
    assert visit("learner").get("/ledgers").status_code == 403
    assert client.web.post(PAGE, data=CHANGE, headers=client.headers).status_code == 403
