"""Every row of the requirements on reports has somewhere where it is answered: no gaps, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lrs.analytics.catalog import catalog
from lrs.web import views

ROOT = Path(__file__).parents[2]
ASKED = [f"A{n}" for n in range(1, 42)] + [f"B{n}" for n in range(1, 58)]
ASKED += [f"C{n}" for n in range(1, 18)]
"""A: clicks, views and completions; B: learning analytics; C: the taxonomy of events."""
WHERE = """
A1  timeline
A2  data-quality purposes verbs
A3  engagement-funnel
A4  module-flow module-return
A5  module-hints
A6  module-hints module-return
A7  engagement-funnel module-hints
A8  engagement-funnel view-dwell
A9  data-quality engagement-funnel
A10 engagement-funnel
A11 video-retention video-summary
A12 video-retention video-summary
A13 video-exits
A14 changes revisions
A15 completion engagement-funnel
A16 engagement-funnel
A17 engagement-funnel module-hints
A18 completion
A19 completion
A20 one-sitting
A21 changes revisions
A22 hours slices
A23 slices
A24 completion-time
A25 completion
A26 unactioned
A27 video-muted
A28 changes revisions
A29 top-courses
A30 engagement-funnel
A31 click-view-drop
A32 changes click-view-drop
A33 change-speed changes revisions
A34 review-calendar
A35 data-quality freshness
A36 early-quitters
A37 peers trend
A38 tests/analytics/test_readings.py::test_every_report_says_one_plain_sentence
    tests/analytics/test_readings.py::test_every_report_has_its_own_next_step
A39 data-quality
A40 abandonment costs
A41 notices
B1  learner-time view-dwell
B2  tests/web/test_overview.py::test_three_people_have_three_home_pages
    tests/web/test_access.py::test_the_home_page_of_compliance_is_its_own
B3  abandonment
B4  companions module-hints
B5  abandonment assessments view-dwell
B6  assessments certifications outcome-modules
B7  video-exits
B8  certifications outcome-modules overview trend
B9  companions engagement-quadrant
B10 module-hints unactioned
B11 companions retention
B12 actions learner-progress
B13 audit-pack certificate-calendar certifications obligations recertification
B14 outcome-modules
B15 outcome-change
B16 engagement-quadrant reviews
B17 time-to-competency
B18 certificate-value
B19 audit-pack
B20 certificate-calendar recertification
B21 video-retention video-summary view-dwell
B22 assessments
B23 learner-progress obligations
B24 outcomes-match people-match
B25 pass-rates
B26 onboarding-minutes
B27 outcomes-match people-match
B28 cmi5-progress data-quality
B29 assessments
B30 assessments distractors items
B31 retention
B32 critical-roles
B33 time-to-competency
B34 change-speed time-to-competency
B35 module-time
B36 outcome-change outcome-modules
B37 overview questions
B38 baseline data-quality
B39 content-before distractors items
B40 changes
B41 at-risk first-assignments
B42 at-risk lead-time
B43 history
B44 actions
B45 questions
B46 violation-rates
B47 onboarding-modules
B48 outcomes-match questions
B49 phases
B50 deliveries
B51 changes review-calendar
B52 purposes
B53 requests
B54 notices
B55 tests/web/test_access.py::test_each_role_is_let_in_where_the_readme_says
    tests/web/test_access.py::test_compliance_is_told_nothing_of_what_learners_do
    tests/web/test_access.py::test_a_manager_sees_no_score_outside_the_own_team
B56 data-quality
B57 certificate-value costs
C1  tracking-plan
C2  tracking-plan
C3  at-risk
C4  next-steps
C5  advocacy-funnel
C6  advocacy-funnel
C7  activation
C8  cancellations
C9  video-seeks
C10 retries
C11 grading
C12 study-sessions
C13 live-classes
C14 sales
C15 liked-learned reviews
C16 changes content-changes
C17 integrity
"""
"""Row -> the reports that answer it, or the tests of what does."""
TABLE = {
    found[1]: found[2].split()
    for found in re.finditer(r"^([A-C]\d+) +((?:.+\n?(?!^[A-C]\d))+)", WHERE, re.MULTILINE)
}
BANDS = "T1-T8"
"""The completion rates that contradict one another, of which report `completion` makes one table."""


def test_every_row_is_answered_somewhere() -> None:
    assert list(TABLE) == ASKED
    assert all(TABLE.values())


@pytest.mark.parametrize("row", ASKED)
def test_a_row_is_answered_where_the_table_says(row: str) -> None:
    reports = {name for name, one in catalog().items() if row in one.covers}
    tests = [one for one in TABLE[row] if one not in catalog()]

    assert {one for one in TABLE[row] if one in catalog()} == reports
    for one in tests:
        path, _, name = one.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text(), one


def test_no_report_answers_what_nobody_asked() -> None:
    covered = {row for one in catalog().values() for row in one.covers} | set(views.COVERS)

    assert covered - {BANDS} <= set(ASKED)
