"""Pages of cmi5, and who may send their forms."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from lrs.assembly import Services
from tests.cmi5.build import au, block, course, package
from tests.conftest import Client, Visitor
from tests.web.cmi5.speaking import get, launched


def test_the_pages_lead_from_a_package_to_a_log(
    visit: Callable[..., Visitor], services: Services
) -> None:
    boss = visit()
    assert "Import the first one" in boss.get("/cmi5").text
    bad = {"package": (io.BytesIO(course(au())), "cmi5.xml")}
    refused = boss.send("/cmi5", bad)
    assert (refused.status_code, "14.2.0.0-1" in refused.text) == (400, True)
    raw = package(course(block("b", au(moveOn="Passed", masteryScore="0.5")), au("c")))
    made = boss.send("/cmi5", {"package": (io.BytesIO(raw), "c.zip")})
    where = made.headers["Location"]
    assert "Nobody is registered yet" in boss.get(where).text
    learner = {"homePage": "https://example.org", "name": "anna <b>"}
    enrolled = boss.send(f"{where}/registrations", learner).headers["Location"]
    assert "anna &lt;b&gt;" in boss.get(enrolled).text
    launch = boss.send(f"{enrolled}/launch", {"au": "0", "mode": "Browse"})
    assert launch.status_code == 303
    assert "/cmi5/content/" in launch.headers["Location"]
    waived = boss.send(f"{enrolled}/waive", {"au": "0", "reason": "Tested Out"})
    assert waived.status_code == 303
    shown = boss.get(enrolled)
    assert "waived: Tested Out" in shown.text
    assert "form-action 'self' http://127.0.0.1:8080" in shown.headers["Content-Security-Policy"]
    session = next(services.cmi5.sessions.active())[1]["id"]
    assert "launched" in boss.get(f"/cmi5/sessions/{session}").text
    assert boss.send(f"/cmi5/sessions/{session}/abandon", {}).status_code == 303
    assert "abandoned" in boss.get(f"/cmi5/sessions/{session}").text
    assert boss.get(f"{where}/package").data[:2] == b"PK"
    again = {"package": (io.BytesIO(raw), "c.zip"), "course": where.rpartition("/")[2]}
    assert boss.send("/cmi5", again).status_code == 303
    assert "version 2" in boss.get(where).text
    assert boss.send(f"{where}/delete", {}).status_code == 303
    assert boss.get(where).status_code == 404
    assert boss.send("/cmi5", {}).status_code == 400


def test_a_strange_url_of_an_au_adds_nothing_to_the_policy(
    client: Client, services: Services
) -> None:
    one = launched(client, services, au(url="x://a;sandbox"), au("b", url="https://au.example:1/"))
    shown = get(client, f"/cmi5/registrations/{one.launch['registration']}")
    policy = shown.headers["Content-Security-Policy"]
    assert "sandbox" not in policy
    assert "https://au.example:1;" in policy


@pytest.mark.parametrize(
    "sent",
    [
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_form_of_another_site_changes_nothing(
    client: Client, visit: Callable[..., Visitor], services: Services, sent: dict[str, str]
) -> None:
    one = launched(client, services)
    url = f"/cmi5/sessions/{one.launch['session']}/abandon"
    assert visit().web.post(url, headers=sent).status_code in (401, 403)
    session, tenant = one.launch["session"], {"code": "a"}
    for url in (
        f"/cmi5/v1/sessions/{session}/abandon",
        f"/cmi5/v1/registrations/{one.launch['registration']}/aus/0/waive",
        "/cmi5/player/api/v1/tenant",
    ):
        answer = client.web.post(url, headers={**client.headers, **sent}, json=tenant)
        assert (answer.status_code, "sent from" in answer.text) == (403, True)
    assert len(list(services.cmi5.sessions.active())) == 1
