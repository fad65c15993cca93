// npm adl-xapiwrapper: no attachments, no deletion; it says version 1.0.1 and POSTs every document that is an object.
const wrapper = require("adl-xapiwrapper");
const { run, scenario } = require("./scenario.cjs");

run(async ({ endpoint, key, secret }) => {
  const lrs = new wrapper.XAPIWrapper({ url: endpoint, auth: { user: key, pass: secret } });
  const call = (name, ...given) =>
    new Promise((resolve, reject) => {
      lrs[name](...given, (problem, answer, body) =>
        problem ? reject(problem) : resolve({ status: answer.statusCode, etag: answer.headers.etag, body }),
      );
    });
  const json = async (...given) => JSON.parse((await call(...given)).body);
  const { agent, activity, one, several } = scenario;
  const saw = {};

  saw.configured = await new Promise((resolve) => lrs.testConfig(resolve));
  saw.one = await json("sendStatements", one);
  saw.several = await json("sendStatements", several);
  saw.byId = await json("getStatements", { statementId: one.id }, null);
  const filter = { agent: JSON.stringify(agent), verb: several[0].verb.id, activity, limit: 2, ascending: true };
  let page = await json("getStatements", filter, null);
  saw.pages = [page.statements.map(({ id }) => id)];
  while (page.more) {
    page = await json("getStatements", null, page.more);
    saw.pages.push(page.statements.map(({ id }) => id));
  }

  const target = { objectType: "StatementRef", id: several[0].id };
  const voiding = { actor: agent, verb: { id: "http://adlnet.gov/expapi/verbs/voided" }, object: target };
  await call("sendStatements", voiding);
  saw.afterVoiding = (await call("getStatements", { statementId: several[0].id }, null)).status;
  saw.voided = (await json("getStatements", { voidedStatementId: several[0].id }, null)).id;

  const { registration } = one.context;
  await call("sendState", activity, agent, "état 1", registration, scenario.state, null, null);
  saw.state = await json("getState", activity, agent, "état 1", registration, null);
  await call("sendState", activity, agent, "text", registration, scenario.text, null, null);
  saw.text = (await call("getState", activity, agent, "text", registration, null)).body;
  saw.stateIds = await json("getState", activity, agent, null, registration, null);

  for (const [name, kind, owner] of [
    ["agentProfile", "AgentProfile", agent],
    ["activityProfile", "ActivityProfile", activity],
  ]) {
    const send = async (...given) => (await call(`send${kind}`, owner, ...given)).status;
    const get = () => call(`get${kind}`, owner, "text", null);
    const created = await send("text", scenario.text, null, "*");
    const first = await get();
    saw[name] = {
      created,
      kept: first.body,
      createdTwice: await send("text", scenario.text, null, "*"),
      changed: await send("text", "changed", first.etag, null),
      changedByOldETag: await send("text", "changed", first.etag, null),
      now: (await get()).body,
      object: await send("object", scenario.profile, null, "*"),
      merged: await send("object", scenario.changedProfile, null, null),
      mergedObject: await json(`get${kind}`, owner, "object", null),
      ids: await json(`get${kind}`, owner, null, null),
    };
  }
  saw.person = await json("getAgents", agent);
  saw.activity = await json("getActivities", activity);
  return saw;
});
