"""SQL of what happened around changes: fixed text, see fragments; and which of them cannot be told apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CONFOUNDED_RULE = " Of two changes of a place whose days overlap neither is judged: confounded."


def confounding(row: Mapping[str, Any]) -> list[str]:
    """Return what else was changed at the place in the days of a change that are compared; any confounds its verdict.

    `row`: a row of `dated`, with `until` as "due".
    """
    found = []
    if row["next_day"] is not None and row["next_day"] < row["due"]:
        found.append("changed again before the comparison was due")
    if row["last_day"] is not None and row["last_day"] > row["day"] - row["days"]:
        found.append("changed before as well, in the days that it is compared with")
    return found


# What happened at a place that was changed, and in the other modules of its course; `unit` is 0 at the place itself.
_SEEN = """SELECT c.n, {unit} AS unit, s.course, s.learner, s.day,
           CASE WHEN s.success IS NOT NULL THEN s.moment * 2 + 1 - s.success END AS tried,
           CASE WHEN s.success IS NOT NULL THEN s.day END AS tried_day,
           CASE WHEN {done} OR (c.views = 1 AND s.duration >= 10000) THEN s.day END AS done_day
    FROM scoped s JOIN {changes} c ON {place}
    WHERE s.day < c.until AND s.roles NOT LIKE '% enrol %' AND s.roles NOT LIKE '% operate %'
      AND s.stage <> 'withdraw'{more}"""
_WATCHED = """SELECT c.n, 0 AS unit, MIN(w.course) AS course, w.learner, MIN(w.day) AS day,
           CAST(NULL AS BIGINT) AS tried, CAST(NULL AS INT) AS tried_day,
           CASE WHEN SUM(w.to_position - w.from_position)
                     >= LEAST(30000, GREATEST(3000, CAST(MAX(w.length) AS DOUBLE) / 10)) THEN MIN(w.day) END
               AS done_day
    FROM played w JOIN dated c ON {place}
    WHERE c.views = 1 AND w.day < c.until
    GROUP BY c.n, w.learner, w.id"""
_INSIDE = " AND s.activity <> s.course AND s.activity <> s.module"
_DONE = "s.completion = 1"
_OWN = {"unit": 0, "changes": "dated"}
_TOUCHED = "\n    UNION ALL ".join(
    (
        _SEEN.format(
            **_OWN, place="s.course = c.place", done=f"({_DONE} AND s.activity = s.course)", more=""
        ),
        _SEEN.format(**_OWN, place="s.module = c.place", done=_DONE, more=""),
        _SEEN.format(**_OWN, place="s.activity = c.place", done=_DONE, more=_INSIDE),
        _WATCHED.format(place="w.module = c.place"),
        _WATCHED.format(place="w.activity = c.place"),
        _SEEN.format(
            unit="s.module",
            changes="homes",
            place="s.course = c.home",
            done=_DONE,
            more=" AND s.module <> 0 AND s.module <> c.module",
        ),
    )
)

CHANGED = f"""noted AS (
    SELECT entry, place, place_id, kind, day, what, why, owner, metric, days, expect, closed
    FROM changes
    UNION ALL
    SELECT id AS entry, activity AS place, activity_id AS place_id, 'updated' AS kind, day,
           'content.updated' AS what, 'skipped' AS why, '' AS owner, 'completion' AS metric,
           14 AS days, 20 AS expect, CAST(NULL AS INT) AS closed
    FROM scoped WHERE event = 'content.updated'
), dated AS (
    SELECT m.*, day + days AS until,
           CASE WHEN metric = 'view' THEN 1 ELSE 0 END AS views,
           CASE WHEN metric = 'pass' THEN 1 ELSE 0 END AS passes,
           ROW_NUMBER() OVER (ORDER BY place, day, entry) AS n,
           LEAD(day) OVER (PARTITION BY place ORDER BY day, entry) AS next_day,
           LAG(day) OVER (PARTITION BY place ORDER BY day, entry) AS last_day
    FROM noted m
), homes AS (
    SELECT n, until, views, MIN(home) AS home, MIN(module) AS module
    FROM (
        SELECT c.n, c.until, c.views, s.course AS home, s.module
        FROM scoped s JOIN dated c ON s.activity = c.place WHERE s.course <> c.place
        UNION ALL
        SELECT c.n, c.until, c.views, s.course AS home, s.module
        FROM scoped s JOIN dated c ON s.module = c.place WHERE s.course <> c.place
    ) placed
    GROUP BY n, until, views
), touched AS (
    {_TOUCHED}
), lives AS (
    SELECT n, unit, learner, MIN(course) AS course, MIN(day) AS seen_day, MIN(tried) AS tried,
           MIN(tried_day) AS tried_day, MIN(done_day) AS done_day
    FROM touched GROUP BY n, unit, learner
), sided AS (
    SELECT l.n, l.unit, l.course, l.tried, l.done_day, d.day, d.days, d.until, d.passes,
           CASE WHEN d.passes = 1 THEN l.tried_day ELSE l.seen_day END AS first_day
    FROM lives l JOIN dated d ON d.n = l.n
)"""
"""`dated`: the changes, numbered; `sided`: each learner at each place that was changed (unit 0), and in the other
modules of its course (unit: the module), with the days of the first meeting and of doing it."""
