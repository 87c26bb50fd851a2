// Brings a request to the server and tries again until there is an answer.
import { Away, loadPage } from "./refresh.js";

// Milliseconds between the tries; two minutes in all, then it is for the editor to say.
const PAUSES = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000];
const LONGEST = 30_000;

/**
 * Returns deliver({ method, address, body }, waits), which resolves to { ok, status, body }.
 *
 * No answer and faults of the server are tried again with the same body, whose client id makes that
 * harmless; `waits` is called before each pause with what went wrong.
 */
export function connectDelivery(page) {
  return async function deliver(request, waits) {
    for (const pause of PAUSES) {
      const reply = await attempt(request);
      if (reply.status && reply.status < 500) return reply;
      waits(reply);
      await untilLater(pause);
    }
    return attempt(request);
  };

  /** One try; after a stale or ended session another one with today's token. */
  async function attempt(request) {
    try {
      const reply = await ask(request);
      return [400, 401].includes(reply.status) && await renewToken() ? await ask(request) : reply;
    } catch {
      return { ok: false, status: 0, body: { detail: "the server cannot be reached. Your text stays here; save again." } };
    }
  }

  async function ask({ method, address, body }) {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": page.dataset.csrf ?? "" };
    const signal = AbortSignal.timeout(LONGEST);
    const reply = await fetch(address, { method, headers, body: JSON.stringify(body), signal });
    return { ok: reply.ok, status: reply.status, body: await bodyOf(reply) };
  }

  // A proxy in front speaks for itself, not in JSON.
  async function bodyOf(reply) {
    const json = reply.headers.get("Content-Type")?.includes("json");
    return json ? reply.json() : { detail: `the server answers with ${reply.status}. Your text stays here; save again.` };
  }

  /** Whether the editor has signed in anew meanwhile, in another window. */
  async function renewToken() {
    const token = (await loadPage().catch(ignoreAway))?.querySelector(".debate")?.dataset.csrf;
    if (!token) return false;
    page.dataset.csrf = token;
    for (const field of page.querySelectorAll("input[name=csrf_token]")) field.value = token;
    return true;
  }
}

// Whoever is signed out does not see an unpublished debate.
function ignoreAway(error) {
  if (!(error instanceof Away)) throw error;
}

/** After about so many milliseconds, or as soon as the network is back. */
function untilLater(milliseconds) {
  return new Promise((done) => {
    setTimeout(done, milliseconds * (0.75 + Math.random() / 2));
    addEventListener("online", done, { once: true });
  });
}
