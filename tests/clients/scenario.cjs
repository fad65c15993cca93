// What every client does, and the frame in which it runs: node CLIENT ENDPOINT KEY SECRET prints what it saw as JSON.
const { createHash } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const scenario = JSON.parse(readFileSync(join(__dirname, "scenario.json"), "utf8"));

exports.scenario = scenario;

exports.attachments = scenario.attachments.map(({ name, contentType, base64 }) => {
  const bytes = Buffer.from(base64, "base64");
  const content = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const meta = {
    usageType: "http://example.org/attachments/test",
    display: { en: name },
    contentType,
    length: bytes.length,
    sha2: createHash("sha256").update(bytes).digest("hex"),
  };
  return { meta, content };
});

exports.run = async (client) => {
  const [endpoint, key, secret] = process.argv.slice(2);
  try {
    console.log(JSON.stringify(await client({ endpoint, key, secret })));
  } catch (problem) {
    console.error(problem);
    process.exitCode = 1;
  }
};
