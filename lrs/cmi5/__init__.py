"""The LMS of cmi5 (Quartz): courses, registrations, launches, sessions. Knows no HTTP."""
