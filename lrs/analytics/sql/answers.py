"""SQL of first answers to questions: fixed text, see fragments."""

from lrs.analytics.sql.fragments import ANSWERING

FIRST_ANSWERS = f"""answers AS (
    SELECT learner, activity, activity_id, module, module_id, course_id, response, correct,
           COALESCE(score, success * 10000) AS score,
           ROW_NUMBER() OVER (
               PARTITION BY learner, activity ORDER BY COALESCE(attempt, 0), moment, tie
           ) AS place
    FROM scoped
    WHERE {ANSWERING}
      AND (score IS NOT NULL OR success IS NOT NULL)
), firsts AS (
    SELECT learner, activity, activity_id, module, module_id, course_id, response, correct, score
    FROM answers WHERE place = 1
)"""
"""`firsts`: each learner's first answer to each item."""

RESTED = (
    FIRST_ANSWERS
    + """, totals AS (
    SELECT learner, module, SUM(score) AS total, COUNT(*) AS answered
    FROM firsts GROUP BY learner, module
), rested AS (
    SELECT f.*, t.total - f.score AS rest, t.total, t.answered
    FROM firsts f JOIN totals t ON t.learner = f.learner AND t.module = f.module
)"""
)
"""`rested`: each learner's first answer to each item, with what the others of the assessment gave."""
