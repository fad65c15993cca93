"""Parameters and columns that several reports have."""

from __future__ import annotations

from lrs.analytics.report import Column, Parameter

MATURE = Parameter("mature", 14, "Days that a learner must have had; others are still running")
MODE = Parameter(
    "mode", "imputed", "Whether a later stage implies the earlier ones", ("imputed", "strict")
)
MARK = Parameter("mark", 5000, "Pass mark in ten-thousandths where no sender tells success")
COURSE = Column("course", "activity", "Course")
MODULE = Column("module", "activity", "Module; empty: the course itself")
CLICKERS = Column("clickers", "people", "Persons who clicked")
VIEWERS = Column("viewers", "people", "Persons who viewed")
VIDEO = Column("video", "activity", "Video")
KNOWN = Parameter(
    "known", "any", "Viewers known by played segments alone, or by any means", ("any", "segments")
)
SEGMENT = Parameter(
    "by",
    "department",
    "What to slice by",
    ("department", "role", "location", "manager", "device", "hour", "weekday", "shift", "revision",
     "source", "shift-device"),
)  # fmt: skip

SLICED = """CASE :by WHEN 'department' THEN department WHEN 'role' THEN role
    WHEN 'location' THEN location WHEN 'manager' THEN manager WHEN 'device' THEN device
    WHEN 'hour' THEN CAST(hour AS VARCHAR) WHEN 'weekday' THEN CAST(weekday AS VARCHAR)
    WHEN 'shift' THEN CASE WHEN hour >= 22 OR hour < 6 THEN 'night' ELSE 'day' END
    WHEN 'revision' THEN revision WHEN 'source' THEN source
    WHEN 'shift-device' THEN CASE WHEN hour >= 22 OR hour < 6 THEN CONCAT('night ', device)
                                  ELSE CONCAT('day ', device) END
    ELSE '' END"""
"""The slice of a statement, by what :by says."""
