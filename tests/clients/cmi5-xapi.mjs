// An AU by the xapi.js project's library, in jsdom's window: a whole session, given the launch URL.
import { JSDOM } from "jsdom";

const { window } = new JSDOM("", { url: process.argv[2] });
for (const name of ["window", "document", "XMLHttpRequest", "location", "DOMParser"]) {
  globalThis[name] = name === "window" ? window : window[name];
}
Object.defineProperty(globalThis, "navigator", { value: window.navigator, configurable: true });
const { default: Cmi5 } = await import("./node_modules/@xapi/cmi5/dist/Cmi5.esm.js");

const au = new Cmi5();
await au.initialize();
const { moveOn, masteryScore, launchMode } = au.launchData;
await au.progress(50);
await au.pass({ scaled: 0.95 });
await au.complete();
await au.terminate();
console.log(JSON.stringify({ moveOn, masteryScore, launchMode }));
process.exit(0);
