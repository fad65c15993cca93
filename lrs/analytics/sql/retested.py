"""Who was tested again weeks after having passed, course by course: SQL for several reports."""

from __future__ import annotations

from lrs.analytics.report import Parameter
from lrs.analytics.sql.fragments import NOT_ANSWERING, PASSED

AFTER = Parameter("after", 14, "Days after the pass from which on a test counts")
BEFORE = Parameter("before", 28, "Days after the pass up to which it counts")

TESTS = f"""tests AS (
    SELECT learner, course, objective, course_id, activity, activity_id, day, moment, tie, score,
           {PASSED} AS passed
    FROM scoped
    WHERE course <> 0 AND score IS NOT NULL AND {NOT_ANSWERING}
)"""
"""`tests`: the scored attempts at anything but single questions."""

RETESTED = (
    TESTS
    + """, passes AS (
    SELECT learner, course, MIN(day) AS day FROM tests WHERE passed = 1 GROUP BY learner, course
), retested AS (
    SELECT learner, course, passed_on, passed FROM (
        SELECT p.learner, p.course, p.day AS passed_on, t.passed,
               ROW_NUMBER() OVER (PARTITION BY p.learner, p.course ORDER BY t.moment, t.tie) AS place
        FROM passes p JOIN tests t ON t.learner = p.learner AND t.course = p.course
             AND t.day >= p.day + :after AND t.day <= p.day + :before
        WHERE p.day + :before < :today
    ) ordered WHERE place = 1
)"""
)
"""`retested`: a row for each learner and course; `passed_on` the day of the first pass, `passed` whether again."""

RETESTED_RULE = (
    "Retained, by course: passed again at the first test of the course, whatever it tests, from `after` to `before`"
    " days after the first pass, of those tested then, once these days are over. By objective, `retention` says the"
    " same: of a course whose tests tell no objectives both are equal."
)
