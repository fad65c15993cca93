/* LRS browser client: track, identify, lesson, consent, flush, reset */
((w, d) => {
  const tag = d.currentScript, at = tag.dataset, n = navigator,
    url = (at.host || new URL(tag.src).origin) + "/events", open = [];
  let timer, tries = 0, busy, size = 50, who, store = {};
  // Storage may be forbidden: then things are remembered for as long as the page lives.
  try { store = localStorage } catch (e) {}
  const get = k => { try { return JSON.parse(store["lrs." + k] || null) } catch (e) {} };
  const put = (k, v) => { try { v == null ? delete store["lrs." + k] : store["lrs." + k] = JSON.stringify(v) } catch (e) {} };
  const id = () => "10000000-1000-4000-8000-100000000000".replace(/[018]/g, c => (c ^ crypto.getRandomValues(new Uint8Array(1))[0] & 15 >> c / 4).toString(16));
  // An answer counts above all; without one, Do Not Track and Global Privacy Control do.
  const allowed = () => {
    const yes = get("consent");
    return yes != null ? yes && (yes.learning !== false || Object.values(yes).some(v => v)) : at.consent != "ask" && n.doNotTrack != 1 && !n.globalPrivacyControl;
  };
  // Half an emoji would be no JSON.
  const body = list => JSON.stringify({ writeKey: at.key, sentAt: new Date, batch: list }, (k, v) => v && v.toWellFormed ? v.toWellFormed() : v);
  const later = ms => { clearTimeout(timer); timer = setTimeout(flush, ms) };
  const wait = () => Math.min(6e4, 1e3 << tries) * (.5 + Math.random());
  const add = (type, more) => {
    if (!allowed()) return;
    const now = Date.now(), yes = get("consent"), user = get("user"), visitor = get("anonymous") || id();
    let s = get("session");
    if (!s || now - s.t > 18e5) s = { id: id() };
    s.t = now; put("session", s); put("anonymous", visitor);
    const context = { userAgent: n.userAgent, locale: n.language };
    if (yes && yes !== true) context.consent = { categoryPreferences: yes };
    const m = { type, messageId: id(), timestamp: new Date, anonymousId: visitor, sessionId: s.id, context, ...more };
    if (user) m.userId = user;
    put("queue", (get("queue") || []).concat(m).slice(-500));
    if (!tries) later(1e3);
  };
  const flush = async () => {
    const list = (get("queue") || []).slice(0, size);
    if (busy || !list[0] || !allowed()) return;
    busy = 1; clearTimeout(timer);
    try {
      // As text, so that a browser need not ask for leave first.
      const r = await fetch(url, { method: "POST", body: body(list) });
      const told = (await r.json().catch(() => r)).verdicts, one = !list[1];
      if (!told && r.status != 400 && r.status != 413) throw r;
      tries = 0;
      // What is refused as a whole is sent one by one.
      if (told || one) {
        const done = list.map(m => m.messageId), rest = (get("queue") || []).filter(m => !done.includes(m.messageId));
        put("queue", rest[0] ? rest : null);
        if (!told || !rest[0]) size = 50;
        if (rest[0]) later(0);
      } else { size = 1; later(0) }
    } catch (e) { tries = Math.min(6, tries + 1); later(wait()) }
    busy = 0;
  };
  // What a beacon carries stays in the queue: sent twice, it is stored once.
  const leave = () => {
    open.forEach(tell => tell());
    const q = get("queue") || [];
    while (q[0] && allowed()) n.sendBeacon(url, body(q.splice(0, 50)));
  };
  const track = (event, properties = {}) => add("track", { event, properties });
  // Counts the seconds in sight, and at most five minutes of them after the last sign of life.
  const lesson = (p, planned) => {
    const need = planned ? Math.min(60, planned * 6) : 10, ids = { lesson_id: p.lesson_id, course_id: p.course_id };
    let seen = 0, told = 0, from = 0, alive = Date.now(), done, over;
    const count = () => {
      const now = Date.now(), end = Math.min(now, alive + 3e5);
      if (from && end > from) seen += (end - from) / 1e3;
      from = over || d.hidden ? 0 : now;
      return seen;
    };
    const live = () => { count(); alive = Date.now() };
    const say = (event, seconds, more) => track(event, { ...ids, duration_seconds: +seconds.toFixed(3), ...more });
    const listen = how => ["keydown", "pointerdown", "scroll", "visibilitychange"].forEach(e => d[how + "EventListener"](e, live, true));
    const tell = end => {
      if (count() >= need && !done && seen - told >= 1) { say("lesson.viewed", seen - told); told = seen }
      if (end) { over = 1; from = 0; listen("remove") }
    };
    // One lesson is in sight at a time.
    const close = () => open.splice(0).forEach(tell => tell(1));
    close();
    open.push(tell);
    track("lesson.started", p);
    count();
    listen("add");
    return { seconds: count, close: () => over || close(), complete: (how = "read") => { if (!done) { done = 1; say("lesson.completed", count(), { completion_type: how }) } } };
  };
  const forget = () => ["user", "anonymous", "session", "queue"].forEach(k => put(k));
  const know = () => { if (who && allowed()) { put("user", who); add("identify") } };
  w.lrs = {
    track, lesson, flush,
    reset: () => { who = 0; forget() },
    identify: user => { who = user; know() },
    consent: yes => { put("consent", yes); if (!allowed()) forget(); else if (who != get("user")) know() }
  };
  d.addEventListener("visibilitychange", () => d.hidden ? leave() : later(0));
  w.addEventListener("pagehide", leave);
  w.addEventListener("online", () => { tries = 0; later(0) });
  later(0);
})(window, document);
