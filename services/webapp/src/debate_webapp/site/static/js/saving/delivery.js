// Brings a request to the server and tries again until there is an answer.
import { Away, loadPage } from "../transcript/refresh.js";

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

  /** One try; after a stale or ended session another one with today's token, if it is of the same editor. */
  async function attempt(request) {
    try {
      const reply = await ask(request);
      const now = [400, 401].includes(reply.status) ? await signedIn() : null;
      if (!now) return reply;
      if (now.user !== page.dataset.user) return isOther(now.user);
      takeToken(now.csrf);
      return await ask(request);
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

  /** Who is signed in by now, in this or another window: { user, csrf }, undefined for nobody. */
  async function signedIn() {
    const now = (await loadPage().catch(ignoreAway))?.querySelector(".debate")?.dataset;
    return now?.csrf ? now : undefined;
  }

  function isOther(user) {
    const detail = `${user} is signed in here now. Sign in again as ${page.dataset.user} in another window, then save again.`;
    return { ok: false, status: 400, body: { detail } };
  }

  function takeToken(token) {
    page.dataset.csrf = token;
    for (const field of page.querySelectorAll("input[name=csrf_token]")) field.value = token;
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
