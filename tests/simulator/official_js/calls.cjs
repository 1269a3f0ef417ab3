// Reads one call of the official SDK per line and prints one line with what came of it.
// A line: {"baseUrl", "token", "typeChecks", "boundary", "service", "method", "words"}; {"bytes": base64} is a file.
const { createInterface } = require("node:readline");
const { createRequire } = require("node:module");
const { TorboxApi } = createRequire(`${process.cwd()}/`)("@torbox/torbox-api");

const send = globalThis.fetch;

// The SDK names the type of a form without its boundary. Without that header, fetch writes the whole one.
function sendWithBoundary(url, options) {
  if (options.body instanceof FormData) delete options.headers["Content-Type"];
  return send(url, options);
}

function unpacked(value) {
  if (typeof value?.bytes === "string") return new Uint8Array(Buffer.from(value.bytes, "base64")).buffer;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, unpacked(part)]));
}

function methods(service) {
  return Object.getOwnPropertyNames(Object.getPrototypeOf(service)).filter((name) => name !== "constructor");
}

async function outcome({ baseUrl, token, typeChecks, boundary, service, method, words }) {
  const validation = { responseValidation: typeChecks };
  const sdk = new TorboxApi({ baseUrl, token, timeoutMs: 10_000, retry: { attempts: 1 }, validation });
  globalThis.fetch = boundary ? sendWithBoundary : send;
  if (method === "methods") return methods(sdk[service]);
  try {
    const answer = await sdk[service][method]("v1", ...words.map(unpacked));
    return { status: answer.metadata.status, ...answer.data };
  } catch (error) {
    return { failed: error.constructor.name, status: error.metadata?.status, message: String(error.message) };
  }
}

(async () => {
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await outcome(JSON.parse(line))));
  }
})();
