// npm tincanjs, as it runs in Node.
const TinCan = require("tincanjs");
const { attachments, run, scenario } = require("./scenario.cjs");

TinCan.DEBUG = false;

run(async ({ endpoint, key, secret }) => {
  const lrs = new TinCan.LRS({ endpoint, username: key, password: secret, allowFail: false });
  const call = (name, ...given) =>
    new Promise((resolve, reject) => {
      const options = { ...given.pop() };
      options.callback = (problem, answer) =>
        problem === null ? resolve(answer) : reject(new Error(`${name}: ${problem} ${answer?.responseText}`));
      lrs[name](...given, options);
    });
  const failure = (promise) => promise.then(() => null, (problem) => Number(problem.message.split(" ")[1]));
  const { one, several } = scenario;
  const agent = new TinCan.Agent(scenario.agent);
  const activity = new TinCan.Activity({ id: scenario.activity });
  const saw = {};

  saw.versions = (await call("about", {})).version;
  saw.one = (await call("saveStatement", new TinCan.Statement(one), {})).status;
  saw.again = (await call("saveStatement", new TinCan.Statement(one), {})).status;
  const made = several.map((statement) => new TinCan.Statement(statement));
  saw.several = JSON.parse((await call("saveStatements", made, {})).responseText);
  saw.byId = (await call("retrieveStatement", one.id, {})).asVersion("1.0.2");
  const params = { agent, verb: new TinCan.Verb(several[0].verb), activity, limit: 2, ascending: true };
  let page = await call("queryStatements", { params });
  saw.pages = [page.statements.map(({ id }) => id)];
  while (page.more) {
    page = await call("moreStatements", { url: page.more });
    saw.pages.push(page.statements.map(({ id }) => id));
  }

  const voiding = { actor: scenario.agent, verb: { id: "http://adlnet.gov/expapi/verbs/voided" } };
  const target = { objectType: "StatementRef", id: several[0].id };
  await call("saveStatement", new TinCan.Statement({ ...voiding, object: target }), {});
  saw.afterVoiding = await failure(call("retrieveStatement", several[0].id, {}));
  saw.voided = (await call("retrieveVoidedStatement", several[0].id, {})).id;

  const { registration } = one.context;
  const of = () => ({ agent, activity, registration });
  await call("saveState", "état 1", scenario.state, { ...of(), contentType: "application/json" });
  saw.state = (await call("retrieveState", "état 1", of())).contents;
  await call("saveState", "text", scenario.text, { ...of(), contentType: "text/plain" });
  saw.text = (await call("retrieveState", "text", of())).contents;
  saw.stateIds = await call("retrieveStateIds", of());
  await call("saveState", "état 1", { page: 8 }, { ...of(), contentType: "application/json", method: "POST" });
  saw.mergedState = (await call("retrieveState", "état 1", of())).contents;
  await call("dropState", "état 1", of());
  saw.afterDeletion = await call("retrieveState", "état 1", of());
  await call("dropState", null, of());
  saw.stateIdsAfterDeletion = await call("retrieveStateIds", of());

  for (const [name, kind, owner] of [
    ["agentProfile", "AgentProfile", { agent }],
    ["activityProfile", "ActivityProfile", { activity }],
  ]) {
    const json = { ...owner, contentType: "application/json" };
    const save = (value, more) => call(`save${kind}`, "profile", value, { ...json, ...more });
    await save(scenario.profile);
    const first = await call(`retrieve${kind}`, "profile", owner);
    saw[name] = {
      kept: first.contents,
      ids: await call(`retrieve${kind}Ids`, owner),
      createdTwice: await failure(save(scenario.profile)),
      changed: (await save(scenario.changedProfile, { lastSHA1: first.etag })).status,
      changedByOldETag: await failure(save(scenario.changedProfile, { lastSHA1: first.etag })),
      now: (await call(`retrieve${kind}`, "profile", owner)).contents,
    };
    await call(`drop${kind}`, "profile", owner);
    saw[name].afterDeletion = await call(`retrieve${kind}`, "profile", owner);
  }

  saw.activity = (await call("retrieveActivity", scenario.activity, {})).definition.name;

  const back = await call("retrieveStatement", scenario.stored.id, { params: { attachments: true } });
  saw.received = back.attachments.map(({ content }) => Buffer.from(content).toString("base64"));
  // In Node it sends its body as a UTF-8 string, which only spares data that is text: a fault of the client.
  const texts = attachments.filter(({ meta }) => meta.contentType.startsWith("text/"));
  const attached = new TinCan.Statement(scenario.attached);
  attached.attachments = texts.map(({ meta, content }) => new TinCan.Attachment({ ...meta, content }));
  saw.attached = (await call("saveStatement", attached, {})).status;
  return saw;
});
