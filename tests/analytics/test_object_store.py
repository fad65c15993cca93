"""A lake in an object store: the S3 protocol over the wire, to a server of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from zoneinfo import ZoneInfo

import boto3
import duckdb
import pytest

from lrs.analytics.lake import mirror
from lrs.analytics.lake.lake import Lake
from lrs.analytics.lake.mirror import table_of
from lrs.analytics.lake.small_tables import SmallTables
from tests.analytics.lakes import REPORTS, kinds
from tests.analytics.places import Place, duckdb_in, place_in, reports_of, told
from tests.build import voiding

URI = "s3://records/partners/lake"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{url}/moto-api/data.json", timeout=5).close()  # noqa: S310 ours
            break
        except URLError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    yield url
    server.terminate()
    server.wait()


@pytest.fixture
def place(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", region_name="us-east-1")
    reset = urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")  # noqa: S310 ours
    urllib.request.urlopen(reset, timeout=5).close()  # noqa: S310 ours
    client.create_bucket(Bucket="records")
    made = place_in(tmp_path)
    made.lake = Lake(f"{URI}/facts", made.store, zone=ZoneInfo("UTC"), lock=tmp_path / "lock")
    made.tables = SmallTables(URI, made.store.records, made.references)
    engine = duckdb_in(tmp_path)
    made.reports = reports_of(made.store, made.lake, made.tables, engine)
    yield made
    made.store.close()
    client.close()


def everything(endpoint: str) -> bytes:
    client = boto3.client("s3", region_name="us-east-1", endpoint_url=endpoint)
    listed = client.list_objects_v2(Bucket="records").get("Contents", [])
    found = b"".join(
        client.get_object(Bucket="records", Key=one["Key"])["Body"].read() for one in listed
    )
    client.close()
    return found


def test_reports_are_the_same_as_over_a_folder(place: Place, tmp_path: Path) -> None:
    sent = kinds()
    folder = place_in(tmp_path / "folder")
    for one in (place, folder):
        one.put(*sent)
        one.references.import_people(["person,identifiers\n", "P1,learner-1@example.org\n"])

    for name in REPORTS:
        assert place.rows(name) == folder.rows(name) != (), name
    folder.store.close()


def test_it_is_compacted_voided_in_erased_from_and_rebuilt(
    place: Place, endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrs.analytics.lake.upkeep._SMALL_FILES", 5)
    monkeypatch.setattr(mirror, "_GRACE", 0)
    first = told("anna", "completed")
    place.put(first)
    for number in range(7):
        place.put(told(number, "completed"))
        place.lake.catch_up()
    assert place.lake.needs_compacting()
    assert place.lake.compact() == 6
    assert place.row("verbs")["learners"] == 8

    place.put(voiding(first["id"]))
    assert place.row("verbs")["learners"] == 7

    place.put(told("berta", "completed"))
    assert place.row("verbs")["learners"] == 8
    assert place.lake.erase(["mbox|mailto:learner-berta@example.org"]) == 1
    assert place.row("verbs")["learners"] == 7
    # Files of facts are compressed: the bytes of the name alone would prove little.
    mirrored = [duckdb.read_parquet(str(one)) for one in tmp_path.rglob("facts/**/*.parquet")]
    assert sum(len(one.filter("actor LIKE '%berta%'").fetchall()) for one in mirrored) == 0
    assert b"berta" not in everything(endpoint)

    place.lake.rebuild()
    assert place.row("verbs")["learners"] == 8


def test_a_table_lies_above_its_partitions() -> None:
    assert (
        table_of("s3://b/partners/facts/part=s/month=2026-01/x.parquet") == "s3://b/partners/facts"
    )
    assert table_of("/lake/people/part-0001.parquet") == "/lake/people"
