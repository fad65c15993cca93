"""Pages of cmi5."""

from __future__ import annotations

from flask import Blueprint

resource = Blueprint("cmi5-pages", __name__)
