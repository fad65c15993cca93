"""Config: every setting, its default, and the environment variable that sets it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MEGABYTE = 1024 * 1024
_HIGHEST_PORT = 65_535
_SMTP = re.compile(r"smtps?://(?:[^@\s/]+@)?[^@\s/:]+(?::\d{1,5})?/?")
_URL = re.compile(r'https?://[^\s"<>\\^`{|}/?#][^\s"<>\\^`{|}?#]*')


def _about(name: str, sentence: str) -> dict[str, str]:
    return {"name": name, "about": sentence}


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of one LRS process; see the README for the same table."""

    host: str = field(default="127.0.0.1", metadata=_about("LRS_HOST", "Address to listen on"))
    port: int = field(default=8080, metadata=_about("LRS_PORT", "Port to listen on"))
    data: Path = field(
        default=Path("lrs-data"),
        metadata=_about("LRS_DATA", "Folder for everything the LRS keeps in files"),
    )
    store: str = field(
        default="",
        metadata=_about(
            "LRS_STORE",
            "`sqlite:///FILE` or `mongodb://...`; default: `lrs.sqlite` in the data folder",
        ),
    )
    workers: int = field(default=2, metadata=_about("LRS_WORKERS", "Server processes"))
    url: str = field(
        default="",
        metadata=_about(
            "LRS_URL",
            "Address that clients see, with the path a proxy adds; default: `http://HOST:PORT`",
        ),
    )
    key: str = field(
        default="",
        metadata=_about(
            "LRS_KEY",
            "With LRS_SECRET: an API key that is made at the first start; a new secret holds from the next one",
        ),
    )
    secret: str = field(
        default="", metadata=_about("LRS_SECRET", "The secret that goes with LRS_KEY")
    )
    admin: str = field(default="admin", metadata=_about("LRS_ADMIN", "Name of the first account"))
    admin_password: str = field(
        default="",
        metadata=_about(
            "LRS_ADMIN_PASSWORD",
            "Its password, set at each start; default: one is made up and printed once",
        ),
    )
    session: int = field(
        default=28_800,
        metadata=_about(
            "LRS_SESSION", "Seconds without a request after which one must sign in again"
        ),
    )
    origins: str = field(
        default="*",
        metadata=_about(
            "LRS_ORIGINS", "Origins whose browser content may call, separated by commas; `*`: any"
        ),
    )
    events: str = field(
        default="",
        metadata=_about("LRS_EVENTS", "Folder with TOML files of your own events; default: none"),
    )
    events_base: str = field(
        default="",
        metadata=_about(
            "LRS_EVENTS_BASE",
            "What the ids of activities and accounts of events start with; a change splits history; default: LRS_URL",
        ),
    )
    max_body: int = field(
        default=64 * MEGABYTE,
        metadata=_about("LRS_MAX_BODY", "Largest request body in bytes, attachments included"),
    )

    cmi5_content_url: str = field(
        default="",
        metadata=_about(
            "LRS_CMI5_CONTENT_URL",
            "Address of this server under another origin, for course files; default: LRS_URL, in a sandbox",
        ),
    )
    cmi5_wait: int = field(
        default=0,
        metadata=_about(
            "LRS_CMI5_WAIT", "Seconds in which late statements are taken after a terminated one"
        ),
    )
    cmi5_idle: int = field(
        default=86_400,
        metadata=_about(
            "LRS_CMI5_IDLE", "Seconds without a sign of life after which a session is abandoned"
        ),
    )

    lake: str = field(
        default="",
        metadata=_about(
            "LRS_LAKE",
            "Folder or `s3://...` of the lake that reports read; default: `lake` in the data folder",
        ),
    )
    engine: str = field(
        default="duckdb",
        metadata=_about(
            "LRS_ENGINE",
            "What runs reports: `duckdb`, `spark` on this machine, or `spark://HOST:PORT`",
        ),
    )
    zone: str = field(
        default="UTC",
        metadata=_about(
            "LRS_ZONE", "Time zone, such as `Europe/Zurich`, of senders that write times in UTC"
        ),
    )

    small_group: int = field(
        default=5,
        metadata=_about(
            "LRS_SMALL_GROUP", "Persons below which reports on pages hide what is said of a group"
        ),
    )
    report_limit: int = field(
        default=120,
        metadata=_about(
            "LRS_REPORT_LIMIT", "Seconds after which a report that somebody waits for is stopped"
        ),
    )
    smtp: str = field(
        default="",
        metadata=_about(
            "LRS_SMTP",
            "Mail server for `lrs deliver`: `smtp://[USER:PASSWORD@]HOST[:PORT]`, or `smtps://`; default: none",
        ),
    )
    mail_from: str = field(
        default="lrs@localhost",
        metadata=_about("LRS_MAIL_FROM", "Sender of mailed reports"),
    )

    @property
    def lake_uri(self) -> str:
        """The lake to use, the default filled in."""
        return self.lake or str(self.data / "lake")

    @property
    def store_uri(self) -> str:
        """The store to use, the default filled in."""
        return self.store or f"sqlite:///{self.data / 'lrs.sqlite'}"

    @property
    def public_url(self) -> str:
        """The address that clients see, without a closing slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def content_url(self) -> str:
        """The address of course files, without a closing slash."""
        return (self.cmi5_content_url or self.public_url).rstrip("/")


def config_from(environment: Mapping[str, str]) -> Config:
    """Return the settings that the LRS_* variables of `environment` give; empty ones count as not set.

    Raises: ValueError, naming the variable, if a value cannot be used.
    """
    given: dict[str, Any] = {}
    for setting in fields(Config):
        name = setting.metadata["name"]
        text = environment.get(name, "")
        if not text:
            continue
        kind: Callable[[str], Any] = type(setting.default)
        try:
            given[setting.name] = kind(text)
        except ValueError:
            raise ValueError(f"{name} must be a whole number.") from None
        if kind is int and given[setting.name] < 1:
            raise ValueError(f"{name} must be at least 1.")
    config = Config(**given)
    _check(config)
    return config


def _check(config: Config) -> None:
    if config.port > _HIGHEST_PORT:
        raise ValueError(f"LRS_PORT must be at most {_HIGHEST_PORT}.")
    # It becomes part of the authority of every statement, where the spec wants an IRL.
    urls = {
        "LRS_URL": config.url,
        "LRS_EVENTS_BASE": config.events_base,
        "LRS_CMI5_CONTENT_URL": config.cmi5_content_url,
    }
    for name, url in urls.items():
        if url and _URL.fullmatch(url) is None:
            raise ValueError(
                f"{name} must start with http:// or https:// and hold no spaces, query or fragment."
            )
    if config.smtp and _SMTP.fullmatch(config.smtp) is None:
        raise ValueError("LRS_SMTP must be smtp:// or smtps:// and a host.")
    if bool(config.key) != bool(config.secret):
        raise ValueError("LRS_KEY and LRS_SECRET must be set together.")
    if config.engine not in ("duckdb", "spark") and not config.engine.startswith("spark://"):
        raise ValueError("LRS_ENGINE must be duckdb, spark or spark://HOST:PORT.")
    try:
        ZoneInfo(config.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("LRS_ZONE is not a time zone; one is Europe/Zurich.") from None
    if ":" in config.key:
        raise ValueError("LRS_KEY must not hold a colon.")
