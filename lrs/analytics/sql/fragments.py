"""Pieces of SQL that several reports are put together from: fixed text, portable, never with a value in it."""

from __future__ import annotations

DIGITS = """digits AS (
    SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
    UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9
)"""

TITLES = """titles AS (
    SELECT course, MIN(course_id) AS course_id FROM scoped WHERE course <> 0 GROUP BY course
)"""
ACTORS = "actors AS (SELECT learner, MIN(actor) AS actor FROM scoped GROUP BY learner)"
"""What courses and learners are called: joined at the end, since groups of texts take long."""

WATCHED = """sighted AS (
    SELECT learner, activity, registration, session, moment, tie, roles, position, from_position,
           to_position, speed,
           LEAD(moment) OVER sight AS next_at,
           LEAD(COALESCE(from_position, position)) OVER sight AS next_position,
           LAG(roles) OVER sight AS last_roles
    FROM scoped
    WHERE position IS NOT NULL OR from_position IS NOT NULL
    WINDOW sight AS (PARTITION BY learner, activity, registration, session ORDER BY moment, tie)
), lengths AS (
    SELECT activity, length FROM (
        SELECT activity, length,
               ROW_NUMBER() OVER (PARTITION BY activity ORDER BY COUNT(*) DESC, length DESC) AS place
        FROM scoped WHERE length > 0 GROUP BY activity, length
    ) ranked WHERE place = 1
), segmented AS (
    SELECT DISTINCT learner, activity, registration, from_position AS low, to_position AS high
    FROM played
), paired AS (
    SELECT learner, activity, registration, low,
           LEAST(high, low + elapsed) AS high
    FROM (
        SELECT learner, activity, registration, next_position AS high,
               CASE WHEN roles LIKE '% play %' THEN position ELSE to_position END AS low,
               CAST(FLOOR(CAST((next_at - moment) * COALESCE(speed, 100) AS DOUBLE) / 100) AS BIGINT)
                   + 2000 AS elapsed
        FROM sighted
        WHERE next_position IS NOT NULL
          AND (roles LIKE '% play %' OR (roles LIKE '% seek %' AND last_roles LIKE '% play %'))
    ) pairs
    WHERE high > low
), spans AS (
    SELECT learner, activity, registration, low, high, 'segments' AS method FROM segmented
    UNION ALL
    SELECT p.learner, p.activity, p.registration, p.low, CAST(p.high AS BIGINT) AS high,
           'paired' AS method
    FROM paired p
    LEFT JOIN (SELECT DISTINCT learner, activity, registration FROM segmented) s
      ON s.learner = p.learner AND s.activity = p.activity AND s.registration = p.registration
    WHERE s.learner IS NULL
), ahead AS (
    SELECT learner, activity, low, high, method,
           MAX(high) OVER (
               PARTITION BY learner, activity ORDER BY low, high
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
           ) AS reached
    FROM spans
), parts AS (
    SELECT learner, activity, method, high,
           CASE WHEN reached IS NULL THEN 1 ELSE 0 END AS leading,
           CASE WHEN reached IS NULL OR reached < low THEN low ELSE reached END AS low
    FROM ahead
    WHERE (reached IS NULL OR high > reached) AND (:known = 'any' OR method = 'segments')
)"""
"""`parts`: what each learner has seen of a video, without overlaps, in milliseconds; `lengths` of the videos."""

WATCHED_RULE = (
    "Watched: the union of the played segments that the player tells; without any, from each played to the next"
    " statement, at most the time that passed. What was watched twice counts once."
)

DWELL = """narrow AS (
    SELECT learner, course, module, registration, moment, tie, duration,
           CASE WHEN stage = 'click' THEN 1 WHEN stage IN ('view', 'completion') THEN 2 ELSE 0 END
               AS shown,
           CASE WHEN (completion = 1 OR (success = 1 AND verb LIKE '%/passed'))
                 AND (module <> 0 OR activity = course) THEN 1 ELSE 0 END AS finished
    FROM scoped WHERE course <> 0
), followed AS (
    SELECT learner, course, module, registration, moment, shown, finished, duration,
           LEAD(moment) OVER (PARTITION BY learner ORDER BY moment, tie) - moment AS gap
    FROM narrow
), stays AS (
    SELECT learner, course, module, registration,
           MIN(CASE WHEN shown = 1 THEN moment END) AS clicked,
           MIN(CASE WHEN shown = 2 THEN moment END) AS evident,
           MAX(moment) AS last_at,
           MIN(moment) AS first_at,
           MIN(CASE WHEN finished = 1 THEN moment END) AS completed,
           MAX(CASE WHEN finished = 1 THEN moment END) AS completed_last,
           MAX(duration) AS told,
           SUM(CASE WHEN gap <= 14400000 THEN LEAST(gap, 300000) ELSE 0 END) AS counted
    FROM followed GROUP BY learner, course, module, registration
), seen AS (
    SELECT learner, course, module, registration,
           SUM(watched) AS watched,
           MAX(CASE WHEN watched >= LEAST(30000, GREATEST(3000, CAST(length AS DOUBLE) / 10)) THEN 1 ELSE 0 END)
               AS engaged
    FROM (
        SELECT p.learner, p.course, p.module, p.registration, p.activity, MAX(p.length) AS length,
               SUM(CASE WHEN p.reached IS NULL OR p.reached < p.from_position
                        THEN p.to_position - p.from_position
                        WHEN p.to_position > p.reached THEN p.to_position - p.reached ELSE 0 END)
                   AS watched
        FROM (
            SELECT learner, course, module, registration, activity, length, from_position,
                   to_position,
                   MAX(to_position) OVER (
                       PARTITION BY learner, course, module, registration, activity
                       ORDER BY from_position, to_position
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                   ) AS reached
            FROM played
        ) p
        GROUP BY p.learner, p.course, p.module, p.registration, p.activity
    ) videos
    GROUP BY learner, course, module, registration
), dwelt AS (
    SELECT s.learner, s.course, s.module, s.registration, s.clicked, s.evident, s.completed,
           s.completed_last, s.first_at, s.last_at,
           COALESCE(v.watched, s.told, s.counted, 0) AS dwell,
           CASE WHEN v.watched IS NOT NULL THEN v.engaged
                WHEN COALESCE(s.told, s.counted, 0) >= 10000 THEN 1 ELSE 0 END AS viewed
    FROM stays s LEFT JOIN seen v
      ON v.learner = s.learner AND v.course = s.course AND v.module = s.module
         AND v.registration = s.registration
)"""
"""`dwelt`: a row for each learner, course, module and registration; times in milliseconds."""

DWELL_RULE = (
    "Active time: what was watched of videos; else the duration that the sender tells; else the time to the learner's"
    " next statement, at most 300 s each and none after 4 hours. A view: at least 10 s; of videos 10 % of the length,"
    " from 3 to 30 s. A pass completes as well."
)

FUNNEL = (
    DWELL
    + """, staged AS (
    SELECT learner, course, module,
           MIN(COALESCE(clicked, evident, completed, first_at)) AS started,
           MAX(CASE WHEN clicked IS NOT NULL THEN 1 ELSE 0 END) AS has_click,
           MAX(viewed) AS has_view,
           MAX(CASE WHEN completed IS NOT NULL THEN 1 ELSE 0 END) AS has_completion,
           MAX(CASE WHEN clicked IS NOT NULL AND viewed = 1 AND last_at >= clicked - 5000
                    THEN 1 ELSE 0 END) AS ordered_view,
           MAX(CASE WHEN clicked IS NOT NULL AND viewed = 1 AND completed_last >= clicked - 5000
                    THEN 1 ELSE 0 END) AS ordered_completion
    FROM dwelt
    WHERE clicked IS NOT NULL OR viewed = 1 OR completed IS NOT NULL
    GROUP BY learner, course, module
), counted AS (
    SELECT course, module,
           COUNT(CASE WHEN started > :now - :mature * 86400000 THEN 1 END) AS running,
           COUNT(CASE WHEN mature = 1 AND (:mode = 'imputed' OR has_click = 1) THEN 1 END)
               AS clickers,
           COUNT(CASE WHEN mature = 1 AND ((:mode = 'imputed'
                           AND (has_view = 1 OR has_completion = 1)) OR ordered_view = 1)
                      THEN 1 END) AS viewers,
           COUNT(CASE WHEN mature = 1 AND ((:mode = 'imputed' AND has_completion = 1)
                           OR ordered_completion = 1) THEN 1 END) AS completers,
           COUNT(CASE WHEN mature = 1 AND has_click = 0 AND has_view = 1 THEN 1 END)
               AS views_without_click,
           COUNT(CASE WHEN mature = 1 AND has_view = 0 AND has_completion = 1 THEN 1 END)
               AS completions_without_view
    FROM (
        SELECT s.*, CASE WHEN started > :now - :mature * 86400000 THEN 0 ELSE 1 END AS mature
        FROM staged s
    ) aged
    GROUP BY course, module
), named AS (
    SELECT course, module, MIN(course_id) AS course_id, MIN(module_id) AS module_id
    FROM scoped WHERE course <> 0 GROUP BY course, module
)"""
)
"""`counted`: persons at each stage of each module, 0 being the course itself; `named`: their ids."""

FUNNEL_RULE = (
    DWELL_RULE
    + " Stages count persons, in their order: imputed, a view implies a click and a completion both; strict, a stage"
    " counts only after the one before. Who began in the last `mature` days is still running and not counted."
)

ANSWERING = "(roles LIKE '% answer %' OR activity_type LIKE '%interaction')"
"""Whether a statement is about a single question."""
NOT_ANSWERING = "roles NOT LIKE '% answer %' AND activity_type NOT LIKE '%interaction'"
"""Whether it is about anything else, such as the test that the question is in."""
PASSED = """CASE WHEN success IS NOT NULL THEN success
                WHEN score >= :mark THEN 1 WHEN score IS NOT NULL THEN 0 END"""
"""Whether an attempt was passed: 1 or 0, by :mark where no sender tells success; NULL if nothing tells."""

EARNED = "(roles LIKE '% earn %' OR roles LIKE '% achieve %')"
"""Whether it tells that a certificate is earned."""
WAIVED = "(roles LIKE '% waive %' AND activity = course)"
"""Whether it lets somebody off the course; the waiver of a part does not."""
LEAVES = "(stage = 'withdraw' AND activity = course)"
"""Whether it tells that somebody left the course: who leaves a part, or a session, has not left it."""
WITHDREW = f"MAX(CASE WHEN {LEAVES} THEN moment ELSE 0 END)"
ENROLLED = "MAX(CASE WHEN roles LIKE '% enrol %' OR roles LIKE '% assign %' THEN moment ELSE 0 END)"
LEFT = f"CASE WHEN {WITHDREW} > {ENROLLED} THEN 1 ELSE 0 END"
"""Whether somebody left: withdrew last, and was not enrolled again since. Who came back has not left."""
