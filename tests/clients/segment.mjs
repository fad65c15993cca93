// What Segment's library for Node makes of a host and a write key.
import { Analytics } from "@segment/analytics-node";

const [host, writeKey] = process.argv.slice(2);
const errors = [];
const analytics = new Analytics({ writeKey, host, path: "/v1/batch", maxRetries: 1 });
analytics.on("error", (error) => errors.push(String(error.code)));
const timestamp = new Date("2026-11-20T10:00:00Z");
analytics.identify({ userId: "u1", anonymousId: "v1", traits: { email: "anna@example.org" } });
analytics.track({
  userId: "u1", event: "course.progress_updated", timestamp,
  properties: { course_id: "c1", progress_pct: 50, lessons_done: 1, total_lessons: 2 },
});
analytics.page({ userId: "u1", name: "Home", properties: { url: "https://x.org/home?q=1" }, timestamp });
analytics.alias({ userId: "u1", previousId: "v2" });
analytics.track({ userId: "u1", event: "nobody.planned_this" });
await analytics.closeAndFlush();
console.log(JSON.stringify(errors));
