// Sends a file's next part: to the site, or straight into the bucket where that is the site's store.

const FULL = 507;
const LONGEST = 60_000;
const LONGEST_INTO_BUCKET = 600_000;
const PASSING = [502, 503, 504]; // a restart of the site, its database, AWS
const MISSES = 5; // of the bucket in a row, between which the site itself has answered

/** What is worth another try, as is a network that is lost. */
export class Away extends Error {}

/** A disk without room, which somebody may make: until then the file waits. */
export class Full extends Error {}

/** The upload as it is after its next step. */
export async function sendNext(file, upload, token) {
  if (!upload.parts) return sendToSite(file, upload, token);
  if (upload.offset < upload.size) return sendToBucket(file, upload, token);
  return goOn(upload, await ask("POST", upload.completion, token));
}

async function sendToSite(file, upload, token) {
  const end = Math.min(upload.offset + upload.part_bytes, file.size);
  const headers = { "Content-Type": "application/octet-stream", "Content-Range": `bytes ${upload.offset}-${end - 1}/${file.size}` };
  return goOn(upload, await ask("PUT", upload.self, token, file.slice(upload.offset, end), headers));
}

let given = []; // addresses that the site gave and that are not used yet
let misses = 0;

async function sendToBucket(file, upload, token) {
  const { part, offset } = await nextPart(upload, token);
  if (!part) return { ...upload, offset };
  const body = file.slice(part.offset, part.offset + part.size);
  const reply = await fetch(part.address, { method: "PUT", body, signal: AbortSignal.timeout(LONGEST_INTO_BUCKET) }).catch(() => null);
  if (reply?.ok) {
    misses = 0;
    return { ...upload, offset: part.offset + part.size };
  }
  given = []; // they last a quarter of an hour
  if (reply?.status >= 500) throw new Away("the bucket is busy");
  misses += 1;
  if (misses < MISSES) throw new Away("the bucket does not take it");
  misses = 0;
  throw new Error(reply ? `The site's bucket refuses the file (${reply.status}).` : "The site's bucket cannot be reached from here. Its CORS rule has to name this site.");
}

/** The part at the upload's offset; where the site knows another offset, that. */
async function nextPart(upload, token) {
  const isNext = (part) => part.upload === upload.id && part.offset === upload.offset;
  if (!given.some(isNext)) {
    const answer = await goOn(upload, await askWith(upload.parts, token, { offset: upload.offset }));
    if (answer.offset !== upload.offset) return answer;
    given = answer.parts.map((part) => ({ ...part, upload: upload.id }));
  }
  return { part: given.find(isNext), offset: upload.offset };
}

async function goOn(upload, reply) {
  return { ...upload, ...(await answerOf(reply)) };
}

/** What the site answers; throws what is worth another try, and what somebody has to mend. */
export async function answerOf(reply) {
  if (reply.ok) return reply.json();
  if (PASSING.includes(reply.status)) throw new Away(`the site answers with ${reply.status}`);
  const { offset, detail } = await problemOf(reply);
  if (reply.status === FULL) throw new Full(detail);
  if (offset === undefined) throw new Error(detail);
  return { offset };
}

export function ask(method, address, token, body, headers = {}) {
  return fetch(address, { method, body, headers: { ...headers, "X-CSRFToken": token }, signal: AbortSignal.timeout(LONGEST) });
}

export function askWith(address, token, document) {
  return ask("POST", address, token, JSON.stringify(document), { "Content-Type": "application/json" });
}

// A proxy in front speaks for itself, not in JSON.
async function problemOf(reply) {
  const isJson = reply.headers.get("Content-Type")?.includes("json");
  return isJson ? reply.json() : { detail: `The server answers with ${reply.status}.` };
}
