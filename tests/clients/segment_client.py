"""What Segment's library for Python makes of a host and a write key."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

from segment.analytics.client import Client

host, key = sys.argv[1:]
errors: list[str] = []
client = Client(
    key, host=host, gzip=True, max_retries=1, on_error=lambda error, _: errors.append(str(error))
)
moment = datetime(2026, 11, 20, 10, tzinfo=UTC)
progress = {"course_id": "c1", "progress_pct": 50, "lessons_done": 1, "total_lessons": 2}
client.identify("u1", {"email": "anna@example.org"}, anonymous_id="v1")
client.track("u1", "course.progress_updated", progress, timestamp=moment)
client.page("u1", name="Home", properties={"url": "https://x.org/home?q=1"}, timestamp=moment)
client.alias("v2", "u1")
client.track("u1", "nobody.planned_this", {})
client.shutdown()
print(json.dumps(errors))
