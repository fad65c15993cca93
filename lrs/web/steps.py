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


STEPS = {
    "abandonment": Step(
        "Open what comes last in that module, and see how long learners stay there.", "view-dwell"
    ),
    "actions": Step(
        "Stop the kind of action after which nobody comes back; see whether the others come early enough.",
        "lead-time",
    ),
    "activation": Step(
        "Mend the step before which most newcomers stop, then look at their first days.",
        "onboarding-minutes",
    ),
    "advocacy-funnel": Step(
        "Ask why the best channel is best, and see what its learners pay and finish.", "sales"
    ),
    "assessments": Step(
        "For those that many fail at first, see whether single questions are the reason.", "items"
    ),
    "at-risk": Step(
        "Have them asked what is in the way, this week; nobody is to be punished by a rule.",
        "learner-progress",
    ),
    "audit-pack": Step(
        "Keep it as CSV with the day; then see who would miss the next deadline.", "recertification"
    ),
    "baseline": Step(
        "Mend what is not sound first: no reason that is looked for in such data can be trusted.",
        "data-quality",
    ),
    "cancellations": Step(
        "Take the reason that is told most often, and see how far those learners had come.",
        "abandonment",
    ),
    "certificate-calendar": Step(
        "Plan seats for the fullest month; see who is concerned.", "recertification"
    ),
    "certificate-value": Step(
        "Keep what goes together with better work; see what the others cost.", "costs"
    ),
    "certifications": Step("See who is late, and remind them before the audit.", "obligations"),
    "change-speed": Step(
        "Keep the change if learners are done sooner and still pass; else take it back.",
        "assessments",
    ),
    "changes": Step(
        "Keep what helped, take back what harmed, and choose what to change next.",
        "review-calendar",
    ),
    "click-view-drop": Step("Shorten its opening; then compare the two revisions.", "revisions"),
    "cmi5-progress": Step(
        "Open the unit at which most stand still, and see whether it can be passed.", "assessments"
    ),
    "companions": Step(
        "Where completion rises and retention falls, see which learners forget.", "retention"
    ),
    "completion": Step(
        "See at which stage the worst course loses its learners.", "engagement-funnel"
    ),
    "completion-time": Step("See which module takes the time of the slowest.", "module-time"),
    "content-before": Step(
        "Put what the question asks about before it, or drop the question.", "items"
    ),
    "content-changes": Step("See whether what was published last has helped.", "revisions"),
    "costs": Step(
        "Begin with the course that costs most for each completion: see where its learners are lost.",
        "engagement-funnel",
    ),
    "critical-roles": Step(
        "Give the roles in the first rows a short test and a refresher; then look at retention.",
        "retention",
    ),
    "data-quality": Step(
        "Tell whoever runs the worst sender what is wrong, with an example; see whether it is late, too.",
        "freshness",
    ),
    "deliveries": Step(
        "Mend what did not go out: `lrs deliver` says why; nobody should have to pull reports by hand."
    ),
    "distractors": Step(
        "Mend the key or the wording, then see whether the pass rate moves.", "assessments"
    ),
    "early-quitters": Step(
        "Rebuild the first video of the worst course; see at which second they leave.",
        "video-exits",
    ),
    "engagement-funnel": Step(
        "Begin with the module that loses most between click and view.", "click-view-drop"
    ),
    "engagement-quadrant": Step(
        "Leave alone what is dull and works; where a course is liked and forgotten, look at what is lost.",
        "retention",
    ),
    "first-assignments": Step(
        "Have those reached who have just missed two, before their third week.", "at-risk"
    ),
    "freshness": Step(
        "If a sender is late, see what else is wrong with what it sends.", "data-quality"
    ),
    "grading": Step(
        "Find a second grader where learners wait longest; see whether those who wait leave.",
        "at-risk",
    ),
    "history": Step("Until there is enough, work with rules instead of predictions.", "at-risk"),
    "hours": Step(
        "Send reminders, and plan live classes, when learners are there anyway.", "live-classes"
    ),
    "integrity": Step(
        "Have somebody look at each flag before anything is said to a learner; then keep the verdict.",
        "audit-pack",
    ),
    "items": Step("See what is chosen instead of the right answer.", "distractors"),
    "lead-time": Step(
        "Where learners were asked too late, act on the first rule that shows.", "at-risk"
    ),
    "learner-progress": Step("See who may be leaving, and why.", "at-risk"),
    "learner-time": Step(
        "Where much time brings little, see which module takes it.", "module-time"
    ),
    "liked-learned": Step(
        "Keep what is disliked and works; where something is liked and little is learnt, see which tests are failed.",
        "assessments",
    ),
    "live-classes": Step(
        "Shorten the class that is left first, or move it to another hour.", "hours"
    ),
    "module-flow": Step("See after which module learners do not come back.", "module-return"),
    "module-hints": Step(
        "Do what stands in the first row, note it in the ledger of changes, and compare after two weeks.",
        "changes",
    ),
    "module-return": Step("See how long learners stay in the module before the gap.", "view-dwell"),
    "module-time": Step(
        "Split the longest module in two; see whether learners then finish in one sitting.",
        "one-sitting",
    ),
    "next-steps": Step(
        "Do the first rows this week, note them in the ledger of actions, and see what came of them.",
        "actions",
    ),
    "notices": Step(
        "Give a notice to each course that has none before anybody else begins it.", "purposes"
    ),
    "obligations": Step(
        "Have those reminded who are late or will be soon; see who cannot make it any more in time.",
        "recertification",
    ),
    "onboarding-minutes": Step(
        "See which modules of the onboarding go together with a good start.", "onboarding-modules"
    ),
    "onboarding-modules": Step(
        "Put the modules that go together with a sooner standard first.", "time-to-competency"
    ),
    "one-sitting": Step(
        "Where learners neither finish nor come back, shorten what takes longest.", "module-time"
    ),
    "outcome-change": Step(
        "Where measures move, see which modules go together with it; where not, ask what the course is for.",
        "outcome-modules",
    ),
    "outcome-modules": Step(
        "Try the strongest module with one team first: what goes together need not be the cause.",
        "outcome-change",
    ),
    "outcomes-match": Step(
        "Add the missing identifiers to the people file: `lrs people import`.", "people-match"
    ),
    "overview": Step("Begin with the courses that most learners are in.", "top-courses"),
    "pass-rates": Step(
        "For the group that passes least often, see which questions it misses.", "items"
    ),
    "peers": Step(
        "See what the worst course does otherwise than similar ones: where it loses its learners.",
        "engagement-funnel",
    ),
    "people-match": Step("Add who is missing to the people file: `lrs people import`."),
    "phases": Step(
        "Do what the first open phase waits for; see whether the data are sound enough for it.",
        "baseline",
    ),
    "purposes": Step(
        "Write down why each is collected, or stop collecting it; see what learners were told.",
        "notices",
    ),
    "questions": Step(
        "Bring the data that the first open question waits for, or close the question.",
        "data-quality",
    ),
    "recertification": Step(
        "Have those reminded whose time runs out first, by their manager; see what is left to do.",
        "obligations",
    ),
    "requests": Step(
        "Answer the one that is due first, then close it in the ledger of requests; `lrs erase` removes a person."
    ),
    "retention": Step(
        "Where it fades, send a short refresher after a few weeks; see in which roles it matters most.",
        "critical-roles",
    ),
    "retries": Step("Between two attempts, lead learners to what they missed.", "content-before"),
    "review-calendar": Step(
        "Look at the first course in this month; see what its modules need.", "module-hints"
    ),
    "reviews": Step(
        "Where learners like a course and do not finish it, see where they are lost.",
        "engagement-funnel",
    ),
    "revisions": Step(
        "Keep the better revision, note that in the ledger of changes, and choose the next one thing.",
        "module-hints",
    ),
    "sales": Step("See where buyers of the worst offer are lost.", "abandonment"),
    "slices": Step(
        "For the slice that completes least, see in which module it stops.", "abandonment"
    ),
    "study-sessions": Step(
        "Where sessions end sooner than planned, make lessons as long as sessions really are.",
        "module-time",
    ),
    "time-to-competency": Step(
        "See which modules of the onboarding go together with a sooner standard.",
        "onboarding-modules",
    ),
    "timeline": Step("See where the learner stands after all this.", "learner-progress"),
    "top-courses": Step(
        "Look at who finishes them, against what is good for their kind.", "completion"
    ),
    "tracking-plan": Step(
        "Have what is missing sent, those to begin with first; see what else comes, and whether anything uses it.",
        "verbs",
    ),
    "trend": Step("In the week in which it turned, see what was changed.", "content-changes"),
    "unactioned": Step(
        "Give the oldest flag an owner, or close it with a reason; then note what was done.",
        "actions",
    ),
    "verbs": Step("See for which verbs nobody has said why they are sent.", "purposes"),
    "video-exits": Step(
        "Cut or rebuild that moment, publish it as a new revision, and compare.", "revisions"
    ),
    "video-muted": Step(
        "Let learners start these videos; then see whether they stay.", "video-retention"
    ),
    "video-retention": Step("Look at the second at which most leave.", "video-exits"),
    "video-seeks": Step(
        "Explain better what is seen again; see whether viewers leave where others skip.",
        "video-exits",
    ),
    "video-summary": Step("For the video that loses most, see where.", "video-exits"),
    "view-dwell": Step(
        "For the module that is only opened, see how many are lost between click and view.",
        "click-view-drop",
    ),
    "violation-rates": Step(
        "Where training goes together with fewer violations, see who has not had it yet.",
        "obligations",
    ),
}
"""Report -> its own next step."""


def step_after(report: Report) -> Step:
    """Return the next step after a report."""
    return STEPS[report.name]
