"""URLs of AUs: what they may look like, and what a launch makes of them. Spec: cmi5 8.1, 13.1.4, 14.1, 14.2."""

from __future__ import annotations

import re
from posixpath import normpath
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

from lrs.cmi5.terms import LAUNCH_NAMES

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
# RFC 1738, section 5, with "~", which every later standard allows, and a fragment.
_CHARACTERS = re.compile(r"(?:[A-Za-z0-9$\-_.+!*'(),;/?:@=&~]|%[0-9A-Fa-f]{2})*(?:#[^#\s]*)?")
_HOST = re.compile(r"(?:[^@/]*@)?[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?\.?(?::\d{1,5})?")
_WEB = ("http", "https")
_HARMFUL = (
    *("javascript", "data", "file", "vbscript", "blob"),
    *("about", "filesystem", "view-source", "jar"),
)


def is_absolute(url: str) -> bool:
    """Whether a URL has a scheme."""
    return _SCHEME.match(url) is not None


def is_web(url: str) -> bool:
    """Whether a URL is one of the web, with a host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in _WEB and bool(parts.netloc)


def is_harmful(url: str) -> bool:
    """Whether a URL would run, or show, something in the name of the page that opens it, or of the machine."""
    return url.partition(":")[0].lower() in _HARMFUL


def is_conformant(url: str) -> bool:
    """Whether a URL, relative or not, is made as RFC 1738 says; any scheme will do."""
    if _CHARACTERS.fullmatch(url) is None:
        return False
    if not is_absolute(url):
        # "//host/path" would be neither relative to the package nor fully qualified.
        return not url.startswith("//")
    parts = urlsplit(url)
    if parts.scheme in _WEB:
        return _HOST.fullmatch(parts.netloc) is not None
    return bool(parts.netloc or parts.path)


def clashing_names(url: str) -> list[str]:
    """Return the names in a URL's query that a launch needs for itself, in the order of the specification."""
    names = {name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}
    return [name for name in LAUNCH_NAMES if name in names]


def file_of(url: str) -> str | None:
    """Return the file in the package that a relative URL names, or None if it leads out of the package."""
    path = normpath(unquote(urlsplit(url).path))
    return None if path.startswith(("../", "/")) or path in ("..", ".") else path


def launch_url(url: str, values: dict[str, str]) -> str:
    """Return the absolute URL with the launch parameters appended to its query, each value URL-encoded."""
    parts = urlsplit(url)
    added = "&".join(f"{name}={quote(values[name], safe='')}" for name in LAUNCH_NAMES)
    query = f"{parts.query}&{added}" if parts.query else added
    return urlunsplit(parts._replace(query=query))
