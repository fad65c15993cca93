"""The specification as pure functions: no I/O, no clock, no randomness, no mutation of an argument."""

from typing import Any

JsonObject = dict[str, Any]
"""A parsed JSON object, whose shape the schemas describe."""
