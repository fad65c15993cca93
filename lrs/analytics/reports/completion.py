"""Completion rates, held against what is good for that kind of course."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE, MATURE
from lrs.analytics.facts.details import SCALE
from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.sql.fragments import TITLES
from lrs.analytics.statistics.bands import verdict_of
from lrs.analytics.statistics.estimates import wilson

_HALF, _HOUR = 0.5, 60


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    intervals = wilson([row["completed"] for row in rows], [row["starters"] for row in rows])
    for row, (_, high) in zip(rows, intervals, strict=True):
        rate = row["completed"] / row["starters"]
        target = None if row["target"] is None else row["target"] / SCALE
        found = verdict_of(rate, kind=row["class"], minutes=row["minutes"], target=target)
        row["rule"], row["verdict"] = found.rule, found.verdict
        row["runner_up"], row["other_verdict"] = found.runner_up, found.other
        short = row["minutes"] is not None and row["minutes"] < _HOUR
        row["advice"] = (
            "" if not short or rate >= _HALF else "restructure" if high < _HALF else "watch"
        )
        row["target"] = None if target is None else row["target"]
    return rows


def _reading(rows: Sequence[Row]) -> str:
    bad = [row for row in rows if row["verdict"] == "bad"]
    if not bad:
        return "No course completes worse than its kind should."
    return (
        f"{len(bad)} of {len(rows)} courses complete worse than their kind should;"
        " split long ones into short modules and show progress."
    )


REPORT = Report(
    name="completion",
    title="Completion",
    question="Who finishes, and is that good for this kind of course?",
    level="diagnostic",
    covers=("A15", "A18", "A19", "A25", "T1-T8"),
    version=2,
    parameters=(MATURE,),
    columns=(
        COURSE,
        Column("class", "text", "mandatory, elective, certification, onboarding"),
        Column("minutes", "number", "Planned length"),
        Column("enrolled", "people", "Persons enrolled or seen"),
        Column("starters", "people", "Persons who began"),
        Column("completed", "people", "Persons who completed"),
        Column(
            "rate_of_starters", "ratio", "Completed of starters", part="completed", whole="starters"
        ),
        Column(
            "rate_of_enrolled", "ratio", "Completed of enrolled", part="completed", whole="enrolled"
        ),
        Column("running", "people", "Persons who began too lately to count"),
        Column("target", "score", "The course's own target"),
        Column("verdict", "text", "good, fair, average, acceptable, bad"),
        Column("rule", "text", "The rule that decided"),
        Column("other_verdict", "text", "What the next rule would have said"),
        Column("runner_up", "text", "The next rule"),
        Column("advice", "text", "restructure: surely under 50 % in under an hour; watch: perhaps"),
    ),
    sql=f"""WITH {TITLES}, persons AS (
    SELECT learner, course, MIN(moment) AS first_at,
           MIN(CASE WHEN roles NOT LIKE '% enrol %' AND stage <> 'withdraw' THEN moment END)
               AS started,
           MAX(CASE WHEN course_done = 1 THEN 1 ELSE 0 END) AS completed,
           COUNT(DISTINCT CASE WHEN completion = 1 AND module <> 0 THEN module END) AS modules
    FROM scoped WHERE course <> 0 GROUP BY learner, course
), sizes AS (
    SELECT p.course, MAX(p.completed) AS told, COALESCE(MAX(m.modules), MAX(p.modules)) AS modules
    FROM persons p
    LEFT JOIN (SELECT course, COUNT(*) AS modules FROM modules GROUP BY course) m
      ON m.course = p.course
    GROUP BY p.course
), judged AS (
    SELECT p.learner, p.course, p.started,
           CASE WHEN p.started > :now - :mature * 86400000 THEN 1 ELSE 0 END AS running,
           CASE WHEN p.completed = 1 THEN 1
                WHEN s.told = 0 AND s.modules > 0 AND p.modules >= s.modules THEN 1
                ELSE 0 END AS completed
    FROM persons p JOIN sizes s ON s.course = p.course
)
SELECT MIN(t.course_id) AS course, COALESCE(MIN(c.class), '') AS class, MIN(c.minutes) AS minutes,
       MIN(c.target) AS target,
       COUNT(CASE WHEN j.running = 0 THEN 1 END) AS enrolled,
       COUNT(CASE WHEN j.running = 0 AND (j.started IS NOT NULL OR j.completed = 1) THEN 1 END)
           AS starters,
       COUNT(CASE WHEN j.running = 0 AND j.completed = 1 THEN 1 END) AS completed,
       COUNT(CASE WHEN j.running = 1 THEN 1 END) AS running
FROM judged j JOIN titles t ON t.course = j.course
LEFT JOIN planned c ON c.course = j.course
GROUP BY j.course
HAVING COUNT(CASE WHEN j.running = 0 AND (j.started IS NOT NULL OR j.completed = 1) THEN 1 END) > 0
ORDER BY course""",
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "course", "rate_of_starters"),
    definition=(
        "Completed: a completion of the course itself; where no sender tells any, all of its modules."
        " Starters did more than enrol. Class, length and target come from the course file."
    ),
)
