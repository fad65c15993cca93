"""The rows of the benchmark: what is sent, over how many connections, and what comes out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from lrs.bench.client import Connection, Run, Target
from lrs.bench.workload import Workload

LOAD_BATCH = 500
_WARM_UP = 20


@dataclass(frozen=True)
class Row:
    """One line of the table; latencies in milliseconds."""

    work: str
    connections: int
    requests: int
    requests_per_second: float
    statements_per_second: float
    p50: float
    p95: float
    p99: float
    errors: int
    first_error: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the row as a JSON object."""
        return asdict(self)


Question = Callable[[Workload], Mapping[str, Any]]

_READS: dict[str, Question] = {
    "GET by statementId": lambda w: {"statementId": w.known_id()},
    "GET latest": lambda _: {"limit": 50},
    "GET agent": lambda w: {"agent": w.agent(), "limit": 50},
    "GET agent, ascending": lambda w: {"agent": w.agent(), "limit": 50, "ascending": "true"},
    "GET verb": lambda w: {"verb": w.verb(), "limit": 50},
    "GET verb, ascending": lambda w: {"verb": w.verb(), "limit": 50, "ascending": "true"},
    "GET activity": lambda w: {"activity": w.item(), "limit": 50},
    "GET activity, ascending": lambda w: {"activity": w.item(), "limit": 50, "ascending": "true"},
    "GET registration": lambda w: {"registration": w.registration(), "limit": 50},
    "GET verb, since": lambda w: {"verb": w.verb(), "since": w.since(), "limit": 50},
    "GET related agent": lambda w: {"agent": w.agent(), "related_agents": "true", "limit": 50},
    "GET related activity": lambda w: {
        "activity": w.course(),
        "related_activities": "true",
        "limit": 50,
    },
    "GET related activity, ascending": lambda w: {
        "activity": w.course(),
        "related_activities": "true",
        "limit": 50,
        "ascending": "true",
    },
    "GET agent + verb": lambda w: {"agent": w.agent(), "verb": w.verb(), "limit": 50},
    "GET verb + activity": lambda w: {"verb": w.verb(), "activity": w.item(), "limit": 50},
    "GET verb + related activity": lambda w: {
        "verb": w.verb(),
        "activity": w.course(),
        "related_activities": "true",
        "limit": 50,
    },
    "GET agent + verb + registration": lambda w: {
        "agent": w.agent(7),
        "verb": w.verb(),
        "registration": w.registration(7),
        "limit": 50,
    },
}


class Bench:
    """Measures one target; `scale` multiplies the number of requests of every row."""

    def __init__(self, target: Target, *, seed: int, scale: float) -> None:
        self._target = target
        self._workload = Workload(seed)
        self._scale = scale

    @property
    def made(self) -> int:
        """How many statements were sent by now."""
        return self._workload.made

    def load(self, count: int) -> Iterator[int]:
        """Send at least that many statements in batches over two connections; yields how many are in."""
        done = 0
        while done < count:
            batches = min(20, -(-(count - done) // LOAD_BATCH))
            run = self._target.run([self._post(LOAD_BATCH) for _ in range(batches)], 2)
            if run.errors:
                raise ConnectionError(run.errors[0])
            done += batches * LOAD_BATCH
            yield done

    def writes(self) -> Iterator[Row]:
        """Yield the rows of statements sent in."""
        for connections in (1, 8):
            yield self._row("POST one", connections, self._count(2_000), lambda: self._post(1))
        for size, count in ((50, 200), (500, 40)):
            work = f"POST batch of {size}"
            yield self._row(work, 4, self._count(count), lambda: self._post(size), per=size)  # noqa: B023 used at once

    def reads(self) -> Iterator[Row]:
        """Yield the rows of questions."""
        if not self._workload.ids:
            self._target.run([self._post(LOAD_BATCH)], 1)
        for work, question in _READS.items():
            yield self._row(work, 4, self._count(500), lambda: self._get(question))  # noqa: B023 used at once

    def documents(self) -> Iterator[Row]:
        """Yield the rows of documents."""
        state, profile = "activities/state", "activities/profile"
        page = {"page": 7, "seen": list(range(20))}
        request = self._target.request

        def place() -> dict[str, Any]:
            place = {"activityId": self._workload.course(), "agent": self._workload.agent()}
            return {**place, "stateId": "bookmark"}

        def shared() -> dict[str, Any]:
            return {"activityId": self._workload.item(), "profileId": "settings"}

        rows: dict[str, Callable[[], bytes]] = {
            "PUT state": lambda: request("PUT", state, place(), page),
            "POST state (merge)": lambda: request("POST", state, place(), page),
            "GET state ids": lambda: request(
                "GET", state, {k: v for k, v in place().items() if k != "stateId"}
            ),
            "POST activity profile": lambda: request("POST", profile, shared(), page),
        }
        for work, make in rows.items():
            yield self._row(work, 4, self._count(1_000), make)
        known = [place() for _ in range(50)]
        self._target.run([request("PUT", state, one, page) for one in known], 1)
        turns = iter(known * self._count(1_000))
        yield self._row(
            "GET state", 4, self._count(1_000), lambda: request("GET", state, next(turns))
        )

    def pages(self, count: int) -> Iterator[Row]:
        """Follow `more` over pages of 100; yields a row for the first and one for the last fifty."""
        connection = Connection(self._target.host, self._target.port)
        path = f"{self._target.path}/statements?limit=100"
        taken: list[float] = []
        while path and len(taken) < count:
            start = perf_counter()
            status, body = connection.send(self._target.raw("GET", path))
            taken.append(perf_counter() - start)
            if status != 200:  # noqa: PLR2004 HTTP
                raise ConnectionError(f"{status} {body[:300]!r}")
            more = urlsplit(json.loads(body).get("more") or "")
            path = more.path + (f"?{more.query}" if more.query else "")
        connection.close()
        for first in sorted({0, max(0, len(taken) - 50)}):
            times = sorted(taken[first : first + 50])
            run = Run(sum(times), times, ())
            yield _row(f"page of 100, from the {first + 1}th", 1, run, per=100)

    def _count(self, requests: int) -> int:
        return max(4, int(requests * self._scale))

    def _post(self, size: int) -> bytes:
        body = [self._workload.statement() for _ in range(size)]
        return self._target.request("POST", "statements", body=body if size > 1 else body[0])

    def _get(self, question: Question) -> bytes:
        return self._target.request("GET", "statements", question(self._workload))

    def _row(
        self, work: str, connections: int, count: int, make: Callable[[], bytes], *, per: int = 1
    ) -> Row:
        requests = [make() for _ in range(count)]
        warm_up = [make() for _ in range(min(_WARM_UP, count))]
        self._target.run(warm_up, min(connections, len(warm_up)))
        run = self._target.run(requests, connections)
        return _row(work, connections, run, per=per)


def _row(work: str, connections: int, run: Run, *, per: int) -> Row:
    rate = len(run.latencies) / run.seconds
    return Row(
        work=work,
        connections=connections,
        requests=len(run.latencies),
        requests_per_second=round(rate, 1),
        statements_per_second=round(rate * per, 1),
        p50=round(run.percentile(0.5), 2),
        p95=round(run.percentile(0.95), 2),
        p99=round(run.percentile(0.99), 2),
        errors=len(run.errors),
        first_error=next(iter(run.errors), ""),
    )
