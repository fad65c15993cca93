// npm @xapi/xapi; the optional fourth argument names its adapter, "axios" or "fetch".
import xapi from "@xapi/xapi";
import frame from "./scenario.cjs";

const XAPI = xapi.default ?? xapi;
const { attachments, run, scenario } = frame;

await run(async ({ endpoint, key, secret }) => {
  const auth = XAPI.toBasicAuth(key, secret);
  const adapter = process.argv[5] ?? "axios";
  const lrs = new XAPI({ endpoint, auth, version: "1.0.3", adapter });
  const { agent, activity, one, several } = scenario;
  // The fetch adapter makes an Error of the answer's text, in which our refusals say their status.
  const status = (call) =>
    call.then(
      (answer) => answer.status,
      (problem) => problem.response?.status ?? JSON.parse(problem.message).status,
    );
  const saw = {};

  saw.versions = (await lrs.getAbout()).data.version;
  saw.one = (await lrs.sendStatement({ statement: one })).data;
  saw.again = (await lrs.sendStatement({ statement: one })).data;
  saw.several = (await lrs.sendStatements({ statements: several })).data;
  saw.byId = (await lrs.getStatement({ statementId: one.id })).data;
  let page = (await lrs.getStatements({ agent, verb: several[0].verb.id, activity, limit: 2, ascending: true })).data;
  saw.pages = [page.statements.map(({ id }) => id)];
  while (page.more) {
    page = (await lrs.getMoreStatements({ more: page.more })).data;
    saw.pages.push(page.statements.map(({ id }) => id));
  }

  saw.voiding = (await lrs.voidStatement({ actor: agent, statementId: several[0].id })).data;
  saw.afterVoiding = await status(lrs.getStatement({ statementId: several[0].id }));
  saw.voided = (await lrs.getVoidedStatement({ voidedStatementId: several[0].id })).data.id;

  const state = { agent, activityId: activity, stateId: "état 1", registration: one.context.registration };
  await lrs.setState({ ...state, state: scenario.state });
  saw.state = (await lrs.getState(state)).data;
  await lrs.setState({ ...state, stateId: "text", state: scenario.text, contentType: "text/plain" });
  saw.text = (await lrs.getState({ ...state, stateId: "text" })).data;
  saw.stateIds = (await lrs.getStates(state)).data;
  await lrs.createState({ ...state, state: { page: 8 } });
  saw.mergedState = (await lrs.getState(state)).data;
  await lrs.deleteState(state);
  saw.afterDeletion = await status(lrs.getState(state));
  await lrs.deleteStates(state);
  saw.stateIdsAfterDeletion = (await lrs.getStates(state)).data;

  const profiles = {
    agentProfile: [lrs.setAgentProfile, lrs.getAgentProfile, lrs.getAgentProfiles, lrs.deleteAgentProfile, { agent }],
    activityProfile: [
      lrs.setActivityProfile, lrs.getActivityProfile, lrs.getActivityProfiles, lrs.deleteActivityProfile,
      { activityId: activity },
    ],
  };
  for (const [name, [set, get, list, remove, owner]] of Object.entries(profiles)) {
    const profile = { ...owner, profileId: "profile" };
    const created = { ...profile, profile: scenario.profile, etag: "*", matchHeader: "If-None-Match" };
    await set.call(lrs, created);
    const first = await get.call(lrs, profile);
    const changed = { ...profile, profile: scenario.changedProfile, etag: first.headers.etag, matchHeader: "If-Match" };
    saw[name] = {
      kept: first.data,
      ids: (await list.call(lrs, owner)).data,
      createdTwice: await status(set.call(lrs, created)),
      changed: await status(set.call(lrs, changed)),
      changedByOldETag: await status(set.call(lrs, changed)),
      now: (await get.call(lrs, profile)).data,
    };
    await remove.call(lrs, profile);
    saw[name].afterDeletion = await status(get.call(lrs, profile));
  }

  saw.person = (await lrs.getAgent({ agent })).data;
  saw.activity = (await lrs.getActivity({ activityId: activity })).data;

  // Its own reader takes the answer for text and trims each part: only one that this cannot harm is compared.
  const parts = (await lrs.getStatement({ statementId: scenario.stored.id, attachments: true })).data;
  saw.received = [parts[0].id, parts.length, parts[2]];
  if (adapter === "fetch") {
    // In Node, axios replaces the Content-Type of this client's Blob by application/octet-stream: a fault of the client.
    saw.attached = (
      await lrs.sendStatement({
        statement: { ...scenario.attached, attachments: attachments.map(({ meta }) => meta) },
        attachments: attachments.map(({ content }) => content),
      })
    ).data;
  }
  return saw;
});
