"""Where the data files that travel with the code lie: in a wheel inside the package, in a checkout at the top level."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def schemas() -> Path:
    """Return the folder of the JSON Schemas."""
    packaged = _PACKAGE / "schemas"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "schemas"
