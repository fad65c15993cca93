"""How many events a second /events takes, beside how many of the same statements /statements does.

    python tests/bench/events.py http://127.0.0.1:8080 KEY SECRET

Batches of 50 over four connections, each way three times six seconds, in turn; bodies are made beforehand.
"""

from __future__ import annotations

import base64
import http.client
import json
import statistics
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

EXAMPLES = Path(__file__).parents[2] / "statement_examples" / "events"
PAIR = json.loads((EXAMPLES / "lesson.completed.json").read_bytes())
CONNECTIONS, BATCH, SECONDS, ROUNDS = 4, 50, 6, 3


def event(number: int) -> Any:
    return {**PAIR["event"], "message_id": str(uuid.uuid4()), "user_id": f"u{number}"}


def statement(number: int) -> Any:
    account = {**PAIR["statement"]["actor"]["account"], "name": f"u{number}"}
    actor = {"objectType": "Agent", "account": account}
    return {**PAIR["statement"], "id": str(uuid.uuid4()), "actor": actor}


def rate(path: str, make: Callable[[int], Any]) -> float:
    """Return how many a second the server takes at the path."""
    bodies = [
        json.dumps([make(number) for number in range(BATCH)]).encode()
        for _ in range(CONNECTIONS * 200)
    ]
    taken = [0] * CONNECTIONS
    start = time.monotonic()

    def send(place: int) -> None:
        connection = http.client.HTTPConnection(urlsplit(sys.argv[1]).netloc)
        for body in bodies[place::CONNECTIONS]:
            if time.monotonic() - start > SECONDS:
                break
            connection.request("POST", path, body, HEADERS)
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status == 200, text
            taken[place] += BATCH

    threads = [threading.Thread(target=send, args=(place,)) for place in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(taken) / (time.monotonic() - start)


if __name__ == "__main__":
    token = base64.b64encode(":".join(sys.argv[2:4]).encode()).decode()
    HEADERS = {
        "Authorization": f"Basic {token}",
        "Content-Type": "application/json",
        "X-Experience-API-Version": "1.0.3",
    }
    statements, events = [], []
    for _ in range(ROUNDS):
        statements.append(rate("/xapi/statements", statement))
        events.append(rate("/events", event))
    ratio = statistics.median(events) / statistics.median(statements)
    print(f"/statements {[round(one) for one in statements]} a second")
    print(f"/events     {[round(one) for one in events]} a second, ratio {ratio:.2f}")
