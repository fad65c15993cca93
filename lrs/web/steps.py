"""What to do after a report: one sentence, and the report that goes on."""

from __future__ import annotations

from dataclasses import dataclass

from lrs.analytics.catalog import catalog
from lrs.analytics.report import Report


@dataclass(frozen=True, slots=True)
class Step:
    """A next step; `report` is "" if nothing else need be looked at."""

    text: str
    report: str = ""

    @property
    def title(self) -> str:
        return catalog()[self.report].title if self.report in catalog() else ""


_BY_LEVEL = {
    "descriptive": Step(
        "See where learners are lost, before you change anything.", "engagement-funnel"
    ),
    "diagnostic": Step(
        "Change one thing in the worst row, note the day, and compare in two weeks.", "revisions"
    ),
    "predictive": Step(
        "Ask those who are named first what is in their way; do it this week.", "at-risk"
    ),
    "prescriptive": Step("Do what the first row says, and look again in two weeks.", "revisions"),
}
_STEPS = {
    "overview": Step("Begin with the courses that most learners are in.", "top-courses"),
    "top-courses": Step("Look at who finishes them, against what is good for their kind.", "completion"),
    "completion": Step("See at which stage the worst course loses its learners.", "engagement-funnel"),
    "engagement-funnel": Step("Begin with the module that loses most between click and view.", "click-view-drop"),
    "click-view-drop": Step("Shorten its opening; then compare the two revisions.", "revisions"),
    "module-flow": Step("See after which module learners do not come back.", "module-return"),
    "module-return": Step("See how long learners stay in the module before the gap.", "view-dwell"),
    "video-retention": Step("Look at the second at which most leave.", "video-exits"),
    "video-exits": Step("Cut or rebuild that moment, publish it as a new revision, and compare.", "revisions"),
    "video-summary": Step("For the video that loses most, see where.", "video-exits"),
    "assessments": Step("For those that many fail at first, see whether single questions are the reason.", "items"),
    "items": Step("See what is chosen instead of the right answer.", "distractors"),
    "distractors": Step("Mend the key or the wording, then see whether the pass rate moves.", "assessments"),
    "freshness": Step("If a sender is late, see what else is wrong with what it sends.", "data-quality"),
    "people-match": Step("Add who is missing to the people file: `lrs people import`."),
    "learner-progress": Step("See who may be leaving, and why.", "at-risk"),
    "at-risk": Step("Ask them what is in the way; nobody is to be punished by a rule.", "learner-progress"),
}  # fmt: skip


def step_after(report: Report) -> Step:
    """Return the next step after a report."""
    return _STEPS.get(report.name, _BY_LEVEL[report.level])
