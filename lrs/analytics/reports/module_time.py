"""Which module takes the time."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE, MODULE
from lrs.analytics.facts.details import SCALE
from lrs.analytics.report import Chart, Column, Moment, Report, Row

_HOUR, _FEWEST = 3_600, 10


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    courses: dict[str, list[int]] = {}
    for row in rows:
        courses.setdefault(row["course"], []).append(row["span"])
    for row in rows:
        spans = courses[row["course"]]
        # Of a single module it says nothing that it takes all of the time.
        known = len(spans) > 1 and sum(spans) > 0
        row["share"] = round(row["span"] * SCALE / sum(spans)) if known else None
        row["wait_share"] = round(row["wait"] * SCALE / row["span"]) if row["span"] else None
    return rows


def _reading(rows: Sequence[Row]) -> str:
    known = [row for row in rows if row["share"] is not None and row["learners"] >= _FEWEST]
    if not known:
        return "Too few have gone on from a module to tell which one takes the time."
    most = max(known, key=lambda row: row["share"])
    waiting = most["wait"] > most["span"] / 2
    return (
        f"{most['module']} takes {100 * most['share']:.0f} % of the time of its course,"
        f" {most['span'] / _HOUR:.0f} hours of a middle learner:"
        + (
            " most of it is waiting after it; remind learners of the next one."
            if waiting
            else " shorten it, or split it."
        )
    )


REPORT = Report(
    name="module-time",
    title="What takes the time",
    question="Which module makes a course take long?",
    level="diagnostic",
    covers=("B35",),
    version=2,
    columns=(
        COURSE,
        MODULE,
        Column("learners", "people", "Persons who went on to another module, or completed"),
        Column("span", "seconds", "Median time from its first statement to that of the next one"),
        Column("share", "score", "Of the sum of these medians in the course"),
        Column("inside", "seconds", "Median time from its first statement to its last before that"),
        Column("wait", "seconds", "Median time from there to the next module"),
        Column("wait_share", "score", "Waiting as a part of the span"),
        Column("stuck", "people", "Persons who came no further"),
        Column("met", "people", "Persons seen in it"),
        Column("stuck_rate", "ratio", "Stuck of those seen in it", part="stuck", whole="met"),
    ),
    sql="""WITH visits AS (
    SELECT learner, course, module, MIN(moment) AS first_at
    FROM scoped
    WHERE course <> 0 AND module <> 0 AND roles NOT LIKE '% enrol %' AND stage <> 'withdraw'
    GROUP BY learner, course, module
), ends AS (
    SELECT learner, course, MIN(moment) AS done_at
    FROM scoped WHERE course <> 0 AND course_done = 1 GROUP BY learner, course
), steps AS (
    SELECT v.learner, v.course, v.module, v.first_at,
           COALESCE(LEAD(v.first_at) OVER (
               PARTITION BY v.learner, v.course ORDER BY v.first_at, v.module
           ), CASE WHEN e.done_at >= v.first_at THEN e.done_at END) AS next_at
    FROM visits v LEFT JOIN ends e ON e.learner = v.learner AND e.course = v.course
), spans AS (
    SELECT t.learner, t.course, t.module, MIN(t.next_at) - MIN(t.first_at) AS span,
           MAX(CASE WHEN s.moment <= t.next_at THEN s.moment END) - MIN(t.first_at) AS inside
    FROM steps t JOIN scoped s
      ON s.learner = t.learner AND s.course = t.course AND s.module = t.module
         AND s.moment >= t.first_at
    GROUP BY t.learner, t.course, t.module
), ranked AS (
    SELECT p.*, span - inside AS wait, COUNT(span) OVER (PARTITION BY course, module) AS n,
           ROW_NUMBER() OVER (
               PARTITION BY course, module ORDER BY COALESCE(span, 9000000000000), learner
           ) AS span_place,
           ROW_NUMBER() OVER (
               PARTITION BY course, module ORDER BY COALESCE(inside, 9000000000000), learner
           ) AS inside_place,
           ROW_NUMBER() OVER (
               PARTITION BY course, module ORDER BY COALESCE(span - inside, 9000000000000), learner
           ) AS wait_place
    FROM spans p
), named AS (
    SELECT course, module, MIN(course_id) AS course_id, MIN(module_id) AS module_id
    FROM scoped WHERE course <> 0 GROUP BY course, module
)
SELECT MIN(n.course_id) AS course, MIN(n.module_id) AS module, COUNT(r.span) AS learners,
       COALESCE(MIN(CASE WHEN 2 * r.span_place >= r.n THEN r.span END), 0) AS span,
       COALESCE(MIN(CASE WHEN 2 * r.inside_place >= r.n THEN r.inside END), 0) AS inside,
       COALESCE(MIN(CASE WHEN 2 * r.wait_place >= r.n THEN r.wait END), 0) AS wait,
       COUNT(*) - COUNT(r.span) AS stuck, COUNT(*) AS met
FROM ranked r JOIN named n ON n.course = r.course AND n.module = r.module
GROUP BY r.course, r.module
ORDER BY course, span DESC, module""",
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "module", "share", series="course"),
    definition=(
        "Modules of a learner in the order in which they were met; the last one ends with the completion of the course."
        " Time is that of the calendar, nights and weekends too. Who came no further is in `stuck`, not in the medians:"
        " a module that many are stuck in takes more than it seems to."
    ),
)
