"""Pages of cmi5, and who may send their forms."""

from __future__ import annotations

import io
from typing import Any

import pytest

from lrs.assembly import Services
from tests.cmi5.build import au, block, course, package
from tests.conftest import Client
from tests.web.cmi5.speaking import get, launched


def sent_form(client: Client, url: str, **options: Any) -> Any:
    sent = {**client.headers, "Origin": "http://localhost", **options.pop("headers", {})}
    return client.web.post(url, headers=sent, **options)


def test_the_pages_lead_from_a_package_to_a_log(client: Client, services: Services) -> None:
    assert "Import the first one" in get(client, "/cmi5").text
    bad = {"package": (io.BytesIO(course(au())), "cmi5.xml")}
    refused = sent_form(client, "/cmi5", data=bad)
    assert (refused.status_code, "14.2.0.0-1" in refused.text) == (400, True)
    raw = package(course(block("b", au(moveOn="Passed", masteryScore="0.5")), au("c")))
    made = sent_form(client, "/cmi5", data={"package": (io.BytesIO(raw), "c.zip")})
    where = made.headers["Location"]
    assert "Nobody is registered yet" in get(client, where).text
    learner = {"homePage": "https://example.org", "name": "anna <b>"}
    enrolled = sent_form(client, f"{where}/registrations", data=learner).headers["Location"]
    assert "anna &lt;b&gt;" in get(client, enrolled).text
    launch = sent_form(client, f"{enrolled}/launch", data={"au": "0", "mode": "Browse"})
    assert launch.status_code == 303
    assert "/cmi5/content/" in launch.headers["Location"]
    waived = sent_form(client, f"{enrolled}/waive", data={"au": "0", "reason": "Tested Out"})
    assert waived.status_code == 303
    shown = get(client, enrolled)
    assert "waived: Tested Out" in shown.text
    assert "form-action 'self' http://127.0.0.1:8080" in shown.headers["Content-Security-Policy"]
    session = next(services.cmi5.sessions.active())[1]["id"]
    assert "launched" in get(client, f"/cmi5/sessions/{session}").text
    assert sent_form(client, f"/cmi5/sessions/{session}/abandon").status_code == 303
    assert "abandoned" in get(client, f"/cmi5/sessions/{session}").text
    assert get(client, f"{where}/package").data[:2] == b"PK"
    again = {"package": (io.BytesIO(raw), "c.zip"), "course": where.rpartition("/")[2]}
    assert sent_form(client, "/cmi5", data=again).status_code == 303
    assert "version 2" in get(client, where).text
    assert sent_form(client, f"{where}/delete").status_code == 303
    assert get(client, where).status_code == 404
    assert sent_form(client, "/cmi5").status_code == 400


@pytest.mark.parametrize(
    "sent",
    [{"Origin": "null"}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_a_form_of_another_site_changes_nothing(
    client: Client, services: Services, sent: dict[str, str]
) -> None:
    one = launched(client, services)
    url = f"/cmi5/sessions/{one.launch['session']}/abandon"
    assert client.web.post(url, headers={**client.headers, **sent}).status_code == 403
    assert len(list(services.cmi5.sessions.active())) == 1
