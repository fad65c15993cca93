"""Who must hold which certificate, since when and until when: SQL, see fragments; standing does the rest."""

from __future__ import annotations

from lrs.analytics.sql.fragments import ACTORS, EARNED, TITLES, WAIVED

OBLIGED = f"""{TITLES}, told AS (
    SELECT learner, course, day, MAX(valid_until) AS valid_until,
           MAX(CASE WHEN {EARNED} THEN 1 ELSE 0 END) AS earned,
           MAX(CASE WHEN activity = course AND (completion = 1 OR success = 1) THEN 1 ELSE 0 END)
               AS done,
           MAX(CASE WHEN roles LIKE '% enrol %' OR roles LIKE '% assign %' THEN moment END)
               AS enrolled,
           MAX(CASE WHEN roles LIKE '% withdraw %' AND activity = course THEN moment END)
               AS withdrawn,
           MAX(CASE WHEN {WAIVED} THEN day END) AS waived,
           MAX(CASE WHEN roles LIKE '% revoke %' OR roles LIKE '% expire %' THEN day END) AS revoked
    FROM scoped
    WHERE course <> 0
      AND ({EARNED} OR roles LIKE '% enrol %' OR roles LIKE '% assign %'
           OR roles LIKE '% withdraw %' OR {WAIVED}
           OR roles LIKE '% revoke %' OR roles LIKE '% expire %' OR valid_until IS NOT NULL
           OR (activity = course AND (completion = 1 OR success = 1)))
    GROUP BY learner, course, day
), seen AS (
    SELECT learner, course,
           MIN(CASE WHEN roles NOT LIKE '% enrol %' AND roles NOT LIKE '% assign %'
                         AND roles NOT LIKE '% earn %' AND roles NOT LIKE '% achieve %'
                         AND roles NOT LIKE '% withdraw %' THEN day END) AS began
    FROM scoped WHERE course <> 0 GROUP BY learner, course
), certified AS (
    SELECT k.course, k.course_id, COALESCE(t.earned, 0) AS earned
    FROM titles k
    LEFT JOIN (
        SELECT course, MAX(earned) AS earned, MAX(valid_until) AS valid_until
        FROM told GROUP BY course
    ) t ON t.course = k.course
    LEFT JOIN planned c ON c.course = k.course
    WHERE t.earned > 0 OR t.valid_until IS NOT NULL OR c.valid_months IS NOT NULL
       OR c.due_days IS NOT NULL OR c.class = 'certification' OR c.required_of <> ''
), grants AS (
    SELECT t.learner, t.course, t.day AS granted, t.valid_until, t.earned
    FROM told t JOIN certified c ON c.course = t.course
    WHERE t.earned = 1 OR (c.earned = 0 AND t.done = 1)
), persons AS (
    SELECT s.learner, s.course, s.began, t.enrolled, t.enrolled_last, t.withdrawn,
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
           COALESCE(k.course_id, c.course_id) AS course, r.person, p.enrolled, r.required, p.began, p.waived, p.revoked,
           CASE WHEN p.withdrawn > COALESCE(p.enrolled_last, 0) THEN 1 ELSE 0 END AS withdrawn,
           g.granted, g.valid_until, g.earned,
           c.valid_months, c.due_days, c.grace_days, c.renewal_days
    FROM everybody e
    LEFT JOIN persons p ON p.learner = e.learner AND p.course = e.course
    LEFT JOIN required r ON r.learner = e.learner AND r.course = e.course
    LEFT JOIN grants g ON g.learner = e.learner AND g.course = e.course
    LEFT JOIN certified k ON k.course = e.course
    LEFT JOIN planned c ON c.course = e.course
)"""
"""`owed`: a row for each person, course and grant of its certificate; one without `granted` where there is none."""

STANDING = """w.course, w.learner_key, w.enrolled, w.required, w.began, w.waived, w.revoked, w.withdrawn,
       w.granted, w.valid_until, w.valid_months, w.due_days, w.grace_days, w.renewal_days"""
"""What `standing.obligations` takes of `owed` w."""

STANDING_SQL = f"""WITH {OBLIGED}
SELECT {STANDING} FROM owed w ORDER BY course, learner_key, granted"""

OBLIGED_SQL = f"""WITH {OBLIGED}, {ACTORS}
SELECT {STANDING}, COALESCE(a.actor, w.person) AS learner
FROM owed w LEFT JOIN actors a ON a.learner = w.learner_key
ORDER BY course, learner, learner_key, granted"""
"""The same with who it is."""

OBLIGED_RULE = (
    "Who must: those enrolled, assigned or seen, and those whose role the course file requires. Done: the certificate"
    " as earned or achieved; where a course tells none, its completion, pass or satisfaction. Valid until: as the"
    " statement says, else valid_months after the day it was done (or after the anniversary, if renewed within"
    " renewal_days of it), through the end of that day. Due: the expiry; before the first certificate, due_days after"
    " the assignment. Departments, roles, managers and teams are those of today: who has changed teams belongs to the"
    " new one, with all that was done before."
)
