// An AU as an author might write one by hand. What it has done is shown in #state; requests are tried until answered.
const given = Object.fromEntries(new URLSearchParams(location.search));
const CMI5 = "https://w3id.org/xapi/cmi5/context/categories/cmi5";
const MOVEON = "https://w3id.org/xapi/cmi5/context/categories/moveon";
const MASTERY = "https://w3id.org/xapi/cmi5/context/extensions/masteryscore";
const show = (text) => { document.getElementById("state").textContent = text; };
let token, data;

async function persist(url, options) {
  for (;;) {
    try {
      const answer = await fetch(url, options);
      if (answer.status !== 503) return answer;
    } catch { /* the server is away */ }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function call(method, path, query, body) {
  const headers = { Authorization: `Basic ${token}`, "X-Experience-API-Version": "1.0.3" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const address = `${given.endpoint}/${path}${query ? `?${new URLSearchParams(query)}` : ""}`;
  return persist(address, { method, headers, body: body && JSON.stringify(body) });
}

const state = (id) => ({
  stateId: id, activityId: given.activityId, agent: given.actor, registration: given.registration,
});

async function say(verb, result) {
  const context = structuredClone(data.contextTemplate);
  context.registration = given.registration;
  context.contextActivities.category = [{ id: CMI5 }];
  if (result && ("success" in result || "completion" in result)) {
    context.contextActivities.category.push({ id: MOVEON });
  }
  if (result?.score) context.extensions[MASTERY] = data.masteryScore;
  const answer = await call("POST", "statements", null, {
    id: "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
      (+digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (+digit / 4)))).toString(16)),
    timestamp: new Date().toISOString(), actor: JSON.parse(given.actor),
    verb: { id: `http://adlnet.gov/expapi/verbs/${verb}` }, object: { id: given.activityId }, context, result,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${verb} ${answer.status} ${text}`);
}

const acting = (act) => async () => {
  try { show(await act()); } catch (problem) { show(`refused: ${problem.message}`); }
};

async function start() {
  const answer = await (await persist(given.fetch, { method: "POST" })).json();
  if (!answer["auth-token"]) throw new Error(`fetch ${answer["error-code"]}`);
  token = answer["auth-token"];
  data = await (await call("GET", "activities/state", state("LMS.LaunchData"))).json();
  await call("GET", "agents/profile", { profileId: "cmi5LearnerPreferences", agent: given.actor });
  await say("initialized");
  const kept = await call("GET", "activities/state", state("bookmark"));
  return `ready ${kept.ok ? await kept.json() : 0}`;
}

async function bookmark() {
  const kept = await call("GET", "activities/state", state("bookmark"));
  const next = (kept.ok ? await kept.json() : 0) + 1;
  const put = await call("PUT", "activities/state", state("bookmark"), next);
  if (!put.ok) throw new Error(`bookmark ${put.status}`);
  return `bookmark ${next}`;
}

async function done() {
  await say("passed", { success: true, duration: "PT1M", score: { scaled: 0.95 } });
  await say("completed", { completion: true, duration: "PT1M" });
  return "done";
}

async function exit() {
  await say("terminated", { duration: "PT2M" });
  return "exited";
}

document.getElementById("bookmark").onclick = acting(bookmark);
document.getElementById("done").onclick = acting(done);
document.getElementById("exit").onclick = acting(exit);
acting(start)();
