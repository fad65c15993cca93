"""Weeks."""

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Chart, Column, Report

REPORT = Report(
    name="trend",
    title="Trend by week",
    question="Is it getting better or worse?",
    level="descriptive",
    covers=("A37", "B8"),
    columns=(
        COURSE,
        Column("week", "day", "Monday of the week"),
        Column("learners", "people", "Persons seen"),
        Column("statements", "count", "Statements"),
        Column("started", "people", "Persons first seen in the course that week"),
        Column("completed", "people", "Those of them who have completed"),
        Column("rate", "ratio", "Completed of started", part="completed", whole="started"),
        Column("started_4", "people", "Started in these and the three weeks before"),
        Column("completed_4", "people", "Those of them who have completed"),
        Column(
            "rate_4", "ratio", "Rolling rate of four weeks", part="completed_4", whole="started_4"
        ),
    ),
    sql="""WITH persons AS (
    SELECT course, learner, MIN(week) AS week,
           MAX(CASE WHEN completion = 1 AND activity = course THEN 1 ELSE 0 END) AS completed
    FROM scoped WHERE course <> 0 GROUP BY course, learner
), begun AS (
    SELECT course, week, COUNT(*) AS started, SUM(completed) AS completed
    FROM persons GROUP BY course, week
), active AS (
    SELECT course, week, MIN(course_id) AS course_id, COUNT(*) AS statements,
           COUNT(DISTINCT learner) AS learners
    FROM scoped WHERE course <> 0 GROUP BY course, week
), weekly AS (
    SELECT a.course, a.week, a.course_id, a.statements, a.learners,
           COALESCE(b.started, 0) AS started, COALESCE(b.completed, 0) AS completed
    FROM active a LEFT JOIN begun b ON b.course = a.course AND b.week = a.week
), rolling AS (
    SELECT w.course, w.week, MIN(w.course_id) AS course_id, MIN(w.statements) AS statements,
           MIN(w.learners) AS learners, MIN(w.started) AS started, MIN(w.completed) AS completed,
           COALESCE(SUM(b.started), 0) AS started_4, COALESCE(SUM(b.completed), 0) AS completed_4
    FROM weekly w
    LEFT JOIN begun b ON b.course = w.course AND b.week <= w.week AND b.week > w.week - 28
    GROUP BY w.course, w.week
)
SELECT course_id AS course, week, learners, statements, started, completed, started_4, completed_4
FROM rolling ORDER BY course, week""",
    chart=Chart("line", "week", "rate_4", series="course"),
    definition="Learners belong to the week in which they were first seen in the course; weeks begin on Monday.",
)
