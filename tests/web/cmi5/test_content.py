"""Course files, in a sandbox or on an origin of their own."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from lrs.app import create_app
from lrs.assembly import Services, build_services
from lrs.config import Config
from tests.conftest import KEY, SECRET, Client
from tests.web.cmi5.speaking import AuClient, launched


def content(client: Client, one: AuClient, path: str = "") -> Any:
    url = urlsplit(one.launch["url"]).path
    return client.web.get(url.rpartition("/")[0] + "/" + path if path else url)


def test_course_files_come_in_a_sandbox(client: Client, services: Services) -> None:
    answer = content(client, launched(client, services))
    assert (answer.data, answer.mimetype) == (b"<p>a</p>", "text/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox allow-scripts" in policy
    assert "allow-same-origin" not in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    for missing in ("b.html", "../a.html", "%2e%2e/a.html"):
        assert content(client, launched(client, services), missing).status_code == 404


def test_course_files_are_given_in_parts_to_players_of_videos(
    client: Client, services: Services
) -> None:
    url = urlsplit(launched(client, services).launch["url"]).path
    part = client.web.get(url, headers={"Range": "bytes=1-3"})
    assert (part.status_code, part.data) == (206, b"p>a")


def test_course_files_may_have_an_origin_of_their_own(tmp_path: Any) -> None:
    config = Config(data=tmp_path, url="http://localhost", cmi5_content_url="http://content.test")
    services = build_services(config)
    services.credentials.add(home_page="http://x.example", key=KEY, secret=SECRET)
    client = Client(create_app(services).test_client())
    one = launched(client, services)
    assert one.launch["url"].startswith("http://content.test/cmi5/content/")
    path = urlsplit(one.launch["url"]).path
    own = client.web.get(path, base_url="http://content.test")
    assert own.status_code == 200
    policy = own.headers["Content-Security-Policy"]
    assert "object-src 'none'" in policy
    assert "sandbox" not in policy
    assert client.web.get(path).status_code == 404
    for other in ("/xapi/about", "/cmi5", "/"):
        assert client.web.get(other, base_url="http://content.test").status_code == 404
    sent = {**client.headers, "Origin": "http://content.test"}
    for url in ("/xapi/statements", "/cmi5/v1/courses", "/cmi5"):
        assert client.web.get(url, headers=sent).status_code == 403
    assert one.fetch().json["auth-token"]
    assert one.send("GET", "statements", headers={"Origin": "http://content.test"}).json
    services.close()
