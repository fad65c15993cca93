"""Sends requests that were made before over keep-alive connections, so that the client takes little of the machine."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from lrs.xapi.version import VERSIONS

_TIMEOUT = 120
"""Seconds to wait for one answer."""


@dataclass(frozen=True)
class Run:
    """What became of requests: seconds in all, latencies in seconds in rising order, and what went wrong."""

    seconds: float
    latencies: Sequence[float]
    errors: Sequence[str]

    def percentile(self, share: float) -> float:
        """Return the latency, in milliseconds, that this share (0..1) of the requests stayed under."""
        if not self.latencies:
            return float("nan")
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))] * 1e3


class Connection:
    """One keep-alive connection."""

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port
        self._socket = socket.create_connection((host, port), timeout=_TIMEOUT)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb", 65_536)

    def send(self, request: bytes) -> tuple[int, bytes]:
        """Send a request and return (status, body)."""
        self._socket.sendall(request)
        line = self._file.readline()
        if not line:
            raise ConnectionError("The server closed the connection.")
        status, length, chunked = int(line.split()[1]), 0, False
        while (header := self._file.readline()) not in (b"\r\n", b""):
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            elif name.lower() == b"transfer-encoding":
                chunked = b"chunked" in value.lower()
        return status, self._chunks() if chunked else self._file.read(length)

    def _chunks(self) -> bytes:
        parts = []
        while size := int(self._file.readline(), 16):
            parts.append(self._file.read(size))
            self._file.readline()
        self._file.readline()
        return b"".join(parts)

    def anew(self) -> Connection:
        """Return a connection in place of this one, whose answer broke off; itself if there is none to be had."""
        try:
            fresh = Connection(*self._address)
        except OSError:
            return self
        self.close()
        return fresh

    def close(self) -> None:
        """Close the connection."""
        self._file.close()
        self._socket.close()


@dataclass
class Target:
    """An endpoint, such as http://127.0.0.1:8080/xapi, and the credential to use there. Only http."""

    endpoint: str
    key: str
    secret: str
    _head: bytes = field(init=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.endpoint)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError("The endpoint must start with http:// and name a host.")
        self.host, self.port, self.path = parts.hostname, parts.port or 80, parts.path.rstrip("/")
        token = base64.b64encode(f"{self.key}:{self.secret}".encode()).decode()
        self._head = (
            f"Host: {parts.netloc}\r\nAuthorization: Basic {token}\r\n"
            f"X-Experience-API-Version: {VERSIONS[0].name}\r\nAccept: application/json\r\n"
        ).encode()

    def request(
        self, method: str, resource: str, query: Mapping[str, Any] | None = None, body: Any = None
    ) -> bytes:
        """Return a request as bytes; `query` values that are no text, and `body`, are sent as JSON."""
        texts = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in (query or {}).items()
        }
        path = f"{self.path}/{resource}" + (
            f"?{urlencode(texts, quote_via=quote)}" if texts else ""
        )
        return self.raw(method, path, b"" if body is None else json.dumps(body).encode())

    def raw(self, method: str, path: str, body: bytes = b"") -> bytes:
        """Return a request for a path from the server's root, as `more` gives it."""
        about = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        return (
            f"{method} {path} HTTP/1.1\r\n".encode() + self._head + f"{about}\r\n".encode() + body
        )

    def run(self, requests: Sequence[bytes], workers: int) -> Run:
        """Send all the requests over that many connections at a time; an answer outside 2xx is an error.

        Raises: OSError if the server cannot be reached.
        """
        latencies: list[float] = []
        errors: list[str] = []
        gate = threading.Barrier(workers + 1)

        def work(connection: Connection, share: Sequence[bytes]) -> None:
            mine = []
            gate.wait()
            for request in share:
                start = time.perf_counter()
                try:
                    status, body = connection.send(request)
                except (OSError, ValueError, IndexError) as problem:
                    status, body = 0, repr(problem).encode()
                    connection = connection.anew()
                mine.append(time.perf_counter() - start)
                if not 200 <= status < 300:  # noqa: PLR2004 HTTP
                    errors.append(f"{status} {body[:300].decode('utf-8', 'replace')}")
            latencies.extend(mine)
            connection.close()

        threads = [
            threading.Thread(
                target=work,
                # Made here, so that a server that is not there is told of.
                args=(Connection(self.host, self.port), requests[number::workers]),
                daemon=True,
            )
            for number in range(workers)
        ]
        for thread in threads:
            thread.start()
        gate.wait()
        start = time.perf_counter()
        for thread in threads:
            thread.join()
        return Run(time.perf_counter() - start, sorted(latencies), errors)
