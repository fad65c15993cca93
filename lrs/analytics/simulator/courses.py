"""The courses that simulated learners take, and the files that say what these are meant to be."""

from __future__ import annotations

from lrs.analytics.simulator.planted import BASE
from lrs.analytics.simulator.work import FIRST_AID

SAFETY, LEADERSHIP, POLICY = (
    f"{BASE}/course/{name}" for name in ("safety", "leadership", "policy")
)
QUIZ = f"{BASE}/assessment/safety-quiz"
VIDEO = f"{BASE}/video/safety-film"
MODULES = tuple(f"{BASE}/module/safety-{number}" for number in (1, 2, 3, 4))
ONBOARDING = f"{BASE}/course/onboarding"
STORY, COLOURS = (f"{BASE}/module/onboarding-{name}" for name in ("story", "colours"))

COURSES_CSV = (
    "course,title,minutes,class,target,owner,modules,valid_months,due_days,cost,cost_per_hour\n"
    f"{SAFETY},Safety at work,30,mandatory,,Kim,{' '.join(MODULES)},24,60,9000,40\n"
    f"{LEADERSHIP},Leadership,50,elective,,Ari,,,,5000,60\n"
    f"{POLICY},Policies,720,certification,,Ari,,,,2500,40\n"
    f"{FIRST_AID},First aid,480,certification,,Kim,,12,30,20000,40\n"
)
CONTENT_CSV = (
    "activity,video_seconds,chapters,words,reading_grade,examples\n"
    f"{MODULES[0]},300,3,900,8,4\n"
    f"{MODULES[1]},,,4200,16,0\n"
    f"{MODULES[2]},1500,0,600,9,2\n"
    f"{MODULES[3]},240,,700,8,3\n"
)
