// An AU by Rustici's library: a whole session, given the launch URL.
globalThis.self = globalThis;
const Cmi5 = require("@rusticisoftware/cmi5");

(async () => {
  const au = new Cmi5(process.argv[2]);
  await au.start();
  const saw = {
    moveOn: au.getMoveOn(), masteryScore: au.getMasteryScore(), launchMode: au.getLaunchMode(),
    returnURL: au.getReturnURL(), launchParameters: au.getLaunchParameters(),
    entitlementKey: au.getEntitlementKey(),
  };
  const progressed = au.prepareStatement("http://adlnet.gov/expapi/verbs/progressed");
  progressed.result = { extensions: { "https://w3id.org/xapi/cmi5/result/extensions/progress": 50 } };
  await au.sendStatement(progressed);
  await au.passed({ scaled: 0.95 });
  await au.completed();
  await au.terminate();
  const late = au.prepareStatement("http://adlnet.gov/expapi/verbs/experienced");
  saw.late = await au.sendStatement(late).then(() => "stored", () => "refused");
  console.log(JSON.stringify(saw));
})().catch((problem) => { console.error(problem); process.exit(1); });
