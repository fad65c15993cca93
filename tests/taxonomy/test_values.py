"""What looks like personal data, and what only looks a little like it."""

from __future__ import annotations

import pytest

from lrs.taxonomy.values import looks_personal


@pytest.mark.parametrize(
    "text",
    [
        "see anna@example.org",
        "bob%40example.com",
        "bob\uff20example.com",
        "anna@example.\u0440\u0444",
        "call +64 21 555 1234",
        "555-123-4567",
        "(555) 123-4567",
        "1-800-555-1234",
        "ring 01.23.45.67.89",
        "\uff10\uff12\uff11 555 12345",
    ],
)
def test_addresses_and_numbers_are_seen(text: str) -> None:
    assert looks_personal(text)


@pytest.mark.parametrize(
    "text",
    [
        "Workshop 01.02.2026 - 05.02.2026",
        "moved from 01/02/2026 10:30",
        "01-02-2026 to 03-02-2026",
        "2026-11-20 10:30",
        "page 12, 100 % done, 3.5 hours",
        "100%",
        "a @ b",
        "1-2-3",
    ],
)
def test_dates_and_figures_are_not(text: str) -> None:
    assert not looks_personal(text)
