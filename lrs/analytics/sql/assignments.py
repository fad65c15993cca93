"""The first two assignments of a course, and who has missed them: SQL for several reports."""

from __future__ import annotations

MISSED = """handed AS (
    SELECT learner, course, activity, MIN(activity_id) AS activity_id, MIN(day) AS day
    FROM scoped
    WHERE course <> 0 AND activity <> course AND activity <> 0
      AND (activity_type LIKE '%assignment' OR activity_type LIKE '%/assessment'
           OR roles LIKE '% submit %')
      AND (roles LIKE '% submit %' OR completion = 1 OR success IS NOT NULL OR score IS NOT NULL)
    GROUP BY learner, course, activity
), entered AS (
    SELECT learner, course, MIN(day) AS began FROM scoped WHERE course <> 0 GROUP BY learner, course
), taking AS (
    SELECT h.course, h.activity, h.activity_id, h.day - e.began AS days,
           ROW_NUMBER() OVER (PARTITION BY h.course, h.activity ORDER BY h.day - e.began) AS rank,
           COUNT(*) OVER (PARTITION BY h.course, h.activity) AS n
    FROM handed h JOIN entered e ON e.learner = h.learner AND e.course = h.course
), known AS (
    SELECT course, activity, MIN(activity_id) AS activity_id,
           MIN(CASE WHEN 10 * rank >= 8 * n THEN days END) AS days,
           MIN(CASE WHEN 2 * rank >= n THEN days END) AS typical
    FROM taking WHERE n >= 10 GROUP BY course, activity
), tasks AS (
    SELECT course, activity, activity_id, days,
           ROW_NUMBER() OVER (PARTITION BY course ORDER BY typical, activity_id) AS place
    FROM known
), pairs AS (
    SELECT a.course, a.activity AS one, a.activity_id AS first, a.days AS first_days,
           b.activity AS other, b.activity_id AS second, b.days AS second_days
    FROM tasks a JOIN tasks b ON b.course = a.course AND a.place = 1 AND b.place = 2
), missing AS (
    SELECT e.learner, e.course,
           CASE WHEN x.day <= e.began + p.first_days THEN 0 ELSE 1 END
           + CASE WHEN y.day <= e.began + p.second_days THEN 0 ELSE 1 END AS missed
    FROM entered e JOIN pairs p ON p.course = e.course
    LEFT JOIN handed x ON x.learner = e.learner AND x.course = e.course AND x.activity = p.one
    LEFT JOIN handed y ON y.learner = e.learner AND y.course = e.course AND y.activity = p.other
    WHERE e.began + GREATEST(p.first_days, p.second_days) < :today
)"""
"""`missing`: learner, course and how many of its first two assignments they missed, both being due; `pairs`: these."""

MISSED_RULE = (
    "Assignments: what is handed in, and assessments; the first two are those that are handed in first. No statement"
    " says when they are due: it is the day, counted from a learner's first one in the course, by which 4 of 5 of"
    " those who hand it in at all have done so; 10 persons must have. Who does it later has missed it."
)
