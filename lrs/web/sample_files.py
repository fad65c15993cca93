"""The files that some reports wait for, as small as they can be: people, courses, outcomes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from lrs import clock

Files = tuple[tuple[str, str], ...]
"""Group of commands, and what it imports."""

COURSE = "https://example.org/courses/1"
MODULE = "https://example.org/modules/{}"


def moment(days: float) -> datetime:
    """Return the moment that lies so many days back."""
    return datetime.fromtimestamp(clock.now() / 1_000_000, UTC) - timedelta(days=days)


def people(days: float = 140) -> Files:
    """A people file: who belongs to which department, and began so many days ago."""
    start = moment(days).date()
    lines = (
        "person,identifiers,name,department,manager,role,location,start_date",
        f"P1,anna@example.org,Anna Berg,nursing,P7,nurse,Wellington,{start}",
        f"P2,ben@example.org,Ben Hill,nursing,P7,nurse,Wellington,{start}",
    )
    return (("people", "\n".join(lines)),)


def newcomers() -> Files:
    """A people file of those who began when the first statements came."""
    return people(20)


def certificates() -> Files:
    """A people file, and a course that nurses must renew."""
    text = (
        "course,title,minutes,class,modules,valid_months,due_days,renewal_days,required_of\n"
        f"{COURSE},Safety,60,certification,{MODULE.format(1)} {MODULE.format(2)},12,30,60,nurse"
    )
    return (*people(), ("courses", text))


def outcomes() -> Files:
    """People, a course and its modules, and what came of it at work, before and after."""
    lines = [
        f"{person},errors,{value},{moment(days).date()},100"
        for person, values in (("P1", (5, 1)), ("P2", (4, 4)))
        for value, days in zip(values, (200, 5), strict=True)
    ]
    return (
        *certificates(),
        ("outcomes", "\n".join(("person,measure,value,date,exposure", *lines))),
    )


def commands(command: str) -> Callable[[], tuple[str, ...]]:
    """Return a function of a command in which {day} is a day two weeks back."""
    return lambda: (command.format(day=moment(14).date()),)
