"""Weeks."""

from collections.abc import Sequence
from itertools import groupby

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Chart, Column, Moment, Parameter, Report, Row
from lrs.analytics.statistics.comparison import CLEAR, FEWEST
from lrs.analytics.statistics.estimates import SURE, break_in, correct


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        row["shift"] = row["shift_p"] = None
    breaks: list[Row] = []
    for _, several in groupby(rows, key=lambda row: row["course"]):
        whole = [row for row in several if row["begun"]]
        found = break_in(
            [row["completed"] for row in whole], [row["begun"] for row in whole], fewest=FEWEST
        )
        if found is not None:
            breaks.append({"row": whole[found.place], "change": found.change, "p": found.p})
    correct(breaks)
    for one in breaks:
        if one["p"] < SURE and abs(one["change"]) >= CLEAR:
            one["row"] |= {"shift": one["change"], "shift_p": one["p"]}
    return rows


def _reading(rows: Sequence[Row]) -> str:
    shifts = [row for row in rows if row["shift"] is not None]
    if not shifts:
        return "No course completes better or worse since some week by more than chance."
    up = sum(row["shift"] > 0 for row in shifts)
    return (
        f"{up} courses complete better since some week and {len(shifts) - up} worse:"
        " look for what was changed then, with `changes`."
    )


REPORT = Report(
    name="trend",
    title="Trend by week",
    question="Is it getting better or worse?",
    level="descriptive",
    covers=("A37", "B8"),
    version=4,
    parameters=(Parameter("window", 28, "Days in which a learner has to complete to count"),),
    columns=(
        COURSE,
        Column("week", "day", "Monday of the week"),
        Column("over", "flag", "Whether the week is over; else its counts are not whole yet"),
        Column("learners", "people", "Persons seen"),
        Column("statements", "count", "Statements"),
        Column("started", "people", "Persons first seen in the course that week"),
        Column("begun", "people", "The same, once the window of all of them is over"),
        Column("completed", "people", "Those of them who completed within the window"),
        Column("rate", "ratio", "Completed of begun", part="completed", whole="begun"),
        Column("begun_4", "people", "Begun in these and the three weeks before, windows over"),
        Column("completed_4", "people", "Those of them who completed within the window"),
        Column(
            "rate_4", "ratio", "Rolling rate of four weeks", part="completed_4", whole="begun_4"
        ),
        Column("shift", "number", "Since this week: rate since then less rate before, -1..1"),
        Column(
            "shift_p",
            "number",
            "Its p, corrected for the weeks it might have been, and for courses",
        ),
    ),
    sql="""WITH persons AS (
    SELECT course, learner, MIN(week) AS week, MIN(day) AS day,
           MIN(CASE WHEN course_done = 1 THEN day END) AS done
    FROM scoped WHERE course <> 0 GROUP BY course, learner
), cohorts AS (
    SELECT p.* FROM persons p JOIN chosen_days d ON p.day >= d.first_day AND p.day <= d.last_day
), begun AS (
    SELECT course, week, COUNT(*) AS started,
           CASE WHEN week + 7 + :window <= :today THEN COUNT(*) ELSE 0 END AS begun,
           CASE WHEN week + 7 + :window <= :today
                THEN COUNT(CASE WHEN done <= day + :window THEN 1 END) ELSE 0 END AS completed
    FROM cohorts GROUP BY course, week
), active AS (
    SELECT course, week, MIN(course_id) AS course_id, COUNT(*) AS statements,
           COUNT(DISTINCT learner) AS learners
    FROM scoped JOIN chosen_days d ON day >= d.first_day AND day <= d.last_day
    WHERE course <> 0 GROUP BY course, week
), weekly AS (
    SELECT a.course, a.week, a.course_id, a.statements, a.learners,
           COALESCE(b.started, 0) AS started, COALESCE(b.begun, 0) AS begun,
           COALESCE(b.completed, 0) AS completed
    FROM active a LEFT JOIN begun b ON b.course = a.course AND b.week = a.week
), rolling AS (
    SELECT w.course, w.week, COALESCE(SUM(b.begun), 0) AS begun_4,
           COALESCE(SUM(b.completed), 0) AS completed_4
    FROM weekly w
    LEFT JOIN begun b ON b.course = w.course AND b.week <= w.week AND b.week > w.week - 28
    WHERE w.week + 7 + :window <= :today
    GROUP BY w.course, w.week
)
SELECT w.course_id AS course, w.week, CASE WHEN w.week + 7 <= :today THEN 1 ELSE 0 END AS over,
       w.learners, w.statements, w.started, w.begun, w.completed,
       COALESCE(r.begun_4, 0) AS begun_4, COALESCE(r.completed_4, 0) AS completed_4
FROM weekly w LEFT JOIN rolling r ON r.course = w.course AND r.week = w.week
ORDER BY course, week""",
    finish=_finish,
    reading=_reading,
    chart=Chart("line", "week", "rate_4", series="course"),
    definition=(
        "Learners belong to the week in which they were first seen in the course; weeks begin on Monday. since and"
        " until choose by that day, and cut nothing that they did before or since. Completed:"
        " within `window` days of that; a week has a rate once these days are over for all of it: the last weeks do"
        " not look worse for being young. Since some week: the week between whose two sides the rates differ most,"
        " with 30 persons on each side, 5 points, and p under 5 % after Bonferroni's correction for weeks and"
        " Holm's for courses."
    ),
)
