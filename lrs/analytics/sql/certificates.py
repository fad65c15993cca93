"""Who must hold which certificate, since when and until when: the SQL of it, and the calendar that SQL has not got."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from lrs.analytics.facts.days import date_of, days_of
from lrs.analytics.report import Row

CRITICAL, SOON = 7, 30
"""Days before a date from which on it is critical, or due soon."""
_ANCIENT = -700_000
"""Before this day stands what has been for ever."""

HELD = ("valid", "due soon", "critical", "grace")
"""The states in which a certificate is held."""
OWED = (*HELD, "lapsed", "revoked", "overdue", "assigned")
"""The states of those who must hold it."""

OBLIGED = """told AS (
    SELECT learner, course, day, MAX(valid_until) AS valid_until,
           MIN(CASE WHEN roles LIKE '% earn %' OR roles LIKE '% achieve %' THEN id END) AS earned,
           MIN(CASE WHEN activity = course AND (completion = 1 OR success = 1) THEN id END) AS done,
           MAX(CASE WHEN roles LIKE '% enrol %' OR roles LIKE '% assign %' THEN moment END)
               AS enrolled,
           MAX(CASE WHEN roles LIKE '% withdraw %' THEN moment END) AS withdrawn,
           MAX(CASE WHEN roles LIKE '% waive %' THEN day END) AS waived,
           MAX(CASE WHEN roles LIKE '% revoke %' OR roles LIKE '% expire %' THEN day END) AS revoked
    FROM scoped
    WHERE course <> 0
      AND (roles LIKE '% earn %' OR roles LIKE '% achieve %' OR roles LIKE '% enrol %'
           OR roles LIKE '% assign %' OR roles LIKE '% withdraw %' OR roles LIKE '% waive %'
           OR roles LIKE '% revoke %' OR roles LIKE '% expire %' OR valid_until IS NOT NULL
           OR (activity = course AND (completion = 1 OR success = 1)))
    GROUP BY learner, course, day
), seen AS (
    SELECT learner, course, MIN(course_id) AS course_id, MIN(actor) AS actor,
           MIN(CASE WHEN roles NOT LIKE '% enrol %' AND roles NOT LIKE '% assign %'
                         AND roles NOT LIKE '% earn %' AND roles NOT LIKE '% achieve %'
                         AND roles NOT LIKE '% withdraw %' THEN day END) AS began
    FROM scoped WHERE course <> 0 GROUP BY learner, course
), certified AS (
    SELECT k.course, k.course_id, COALESCE(t.earned, 0) AS earned
    FROM (SELECT course, MIN(course_id) AS course_id FROM seen GROUP BY course) k
    LEFT JOIN (
        SELECT course, COUNT(earned) AS earned, MAX(valid_until) AS valid_until
        FROM told GROUP BY course
    ) t ON t.course = k.course
    LEFT JOIN planned c ON c.course = k.course
    WHERE t.earned > 0 OR t.valid_until IS NOT NULL OR c.valid_months IS NOT NULL
       OR c.due_days IS NOT NULL OR c.class = 'certification' OR c.required_of <> ''
), grants AS (
    SELECT t.learner, t.course, t.day AS granted, t.valid_until, COALESCE(t.earned, t.done) AS id
    FROM told t JOIN certified c ON c.course = t.course
    WHERE t.earned IS NOT NULL OR (c.earned = 0 AND t.done IS NOT NULL)
), persons AS (
    SELECT s.learner, s.course, s.actor, s.began, t.enrolled, t.enrolled_last, t.withdrawn,
           t.waived, t.revoked
    FROM seen s JOIN certified c ON c.course = s.course
    LEFT JOIN (
        SELECT learner, course, MIN(CASE WHEN enrolled IS NOT NULL THEN day END) AS enrolled,
               MAX(enrolled) AS enrolled_last, MAX(withdrawn) AS withdrawn, MAX(waived) AS waived,
               MAX(revoked) AS revoked
        FROM told GROUP BY learner, course
    ) t ON t.learner = s.learner AND t.course = s.course
), wanted AS (
    SELECT DISTINCT s.person_key AS learner, s.person, c.course, s.valid_from, s.valid_to,
           s.start_day,
           CASE WHEN c.required_of LIKE CONCAT('%;', s.role, ';%') THEN 1 ELSE 0 END AS is_wanted
    FROM staff s CROSS JOIN planned c
    WHERE c.required_of <> '' AND s.valid_from <= :today
), breaks AS (
    SELECT learner, course, MAX(CASE WHEN is_wanted = 0 THEN valid_to END) AS since
    FROM wanted GROUP BY learner, course
), required AS (
    SELECT w.learner, w.course, MIN(w.person) AS person,
           MIN(GREATEST(w.valid_from, COALESCE(w.start_day, w.valid_from))) AS required
    FROM wanted w JOIN breaks b ON b.learner = w.learner AND b.course = w.course
    WHERE w.is_wanted = 1 AND (b.since IS NULL OR w.valid_from >= b.since)
    GROUP BY w.learner, w.course HAVING MAX(w.valid_to) > :today
), everybody AS (
    SELECT DISTINCT learner, course FROM (
        SELECT learner, course FROM persons UNION ALL SELECT learner, course FROM required
    ) pairs
), owed AS (
    SELECT e.learner AS learner_key, e.course AS course_key,
           COALESCE(k.course_id, c.course_id) AS course, COALESCE(p.actor, r.person) AS learner,
           p.enrolled, r.required, p.began, p.waived, p.revoked,
           CASE WHEN p.withdrawn > COALESCE(p.enrolled_last, 0) THEN 1 ELSE 0 END AS withdrawn,
           g.granted, g.valid_until, g.id,
           c.valid_months, c.due_days, c.grace_days, c.renewal_days
    FROM everybody e
    LEFT JOIN persons p ON p.learner = e.learner AND p.course = e.course
    LEFT JOIN required r ON r.learner = e.learner AND r.course = e.course
    LEFT JOIN grants g ON g.learner = e.learner AND g.course = e.course
    LEFT JOIN certified k ON k.course = e.course
    LEFT JOIN planned c ON c.course = e.course
)"""
"""`owed`: a row for each person, course and grant of its certificate; one without `granted` where there is none."""

OBLIGED_SQL = f"""WITH {OBLIGED}
SELECT course, learner, enrolled, required, began, waived, revoked, withdrawn, granted, valid_until,
       id, valid_months, due_days, grace_days, renewal_days
FROM owed ORDER BY course, learner, granted, id"""
"""What `obligations` takes."""

OBLIGED_RULE = (
    "Who must: those enrolled, assigned or seen, and those whose role the course file requires. Done: the certificate"
    " as earned or achieved; where a course tells none, its completion, pass or satisfaction. Valid until: as the"
    " statement says, else valid_months after the day it was done (or after the anniversary, if renewed within"
    " renewal_days of it), through the end of that day. Due: the expiry; before the first certificate, due_days after"
    " the assignment. Departments, roles, managers and teams are those of today: who has changed teams belongs to the"
    " new one, with all that was done before."
)


def obligations(rows: Sequence[Row], today: int) -> list[Row]:
    """Return a row for each person and course of the rows of OBLIGED_SQL.

    Columns: course, learner, assigned, due, done (first), granted (last), expires, state, days_left, began, statements
    (of the grants); days since 1970.
    """
    return [
        found
        for _, several in groupby(rows, key=lambda row: (row["course"], row["learner"]))
        if (found := _obligation(list(several), today)) is not None
    ]


def _obligation(rows: list[Row], today: int) -> Row | None:
    first = rows[0]
    assigned = [day for day in (first["enrolled"], first["required"]) if day is not None]
    known = [day for day in assigned if day > _ANCIENT]
    grants = sorted((row for row in rows if row["granted"] is not None), key=_granted)
    if first["withdrawn"] and not grants and first["required"] is None:
        return None
    found: Row = {
        "course": first["course"],
        "learner": first["learner"],
        "assigned": min(known, default=None),
        "done": grants[0]["granted"] if grants else None,
        "granted": grants[-1]["granted"] if grants else None,
        "expires": expiry(grants),
        "began": first["began"],
        "statements": " ".join(row["id"] for row in grants),
    }
    found["due"] = found["expires"] if grants else _first_due(found["assigned"], first)
    found["state"] = _state(found, first, today)
    found["days_left"] = None if found["due"] is None else found["due"] - today
    return found


def expiry(grants: Sequence[Row]) -> int | None:
    """Return the last day on which the newest of the grants, in their order, is valid; None: for ever."""
    last: int | None = None
    for grant in grants:
        day, base = grant["granted"], grant["granted"]
        if last is not None and grant["renewal_days"] is not None:
            early = last - day
            base = last if 0 <= early <= grant["renewal_days"] else day
        if grant["valid_until"] is not None:
            last = grant["valid_until"]
        else:
            last = (
                None if grant["valid_months"] is None else months_after(base, grant["valid_months"])
            )
    return last


def months_after(day: int, months: int) -> int:
    """Return the same day so many months later, or the last one of that month; days since 1970."""
    start = date_of(day)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    longest = calendar.monthrange(year, month + 1)[1]
    return days_of(date(year, month + 1, min(start.day, longest)))


def month_of(day: int) -> str:
    """Return "2026-01" of a day since 1970."""
    return date_of(day).strftime("%Y-%m")


def safe_start(due: int, longest: float) -> int:
    """Return the latest day to begin on, with a week to spare, if it takes so many days."""
    return due - int(-(-longest // 1)) - CRITICAL


def by_course(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Yield (course, its obligations), of obligations in their order."""
    for course, several in groupby(rows, key=lambda row: str(row["course"])):
        yield course, list(several)


def _granted(row: Row) -> Any:
    return row["granted"], row["id"]


def _first_due(assigned: int | None, row: Row) -> int | None:
    return None if assigned is None or row["due_days"] is None else assigned + row["due_days"]


def _state(found: Row, first: Row, today: int) -> str:
    granted, due = found["granted"], found["due"]
    if first["waived"] is not None and (granted is None or first["waived"] >= granted):
        return "exempt"
    if granted is not None and first["revoked"] is not None and first["revoked"] > granted:
        return "revoked"
    if granted is None:
        return "overdue" if due is not None and due < today else "assigned"
    if due is None or due - today > SOON:
        return "valid"
    left = due - today
    if left >= 0:
        return "critical" if left <= CRITICAL else "due soon"
    return "grace" if -left <= (first["grace_days"] or 0) else "lapsed"
