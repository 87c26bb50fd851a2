// Sends commands one after another and tells in one place how that went.
import { loadPage, takeOver } from "./refresh.js";
import { idOf, paint } from "./segments.js";

// Edits that follow each other closely share one reload of the figures.
const REFRESH_AFTER = 700;
const RETRY_AFTER = 1000;

const wait = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });
const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
const time = (date) => date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** Returns { send, undo, addPerson }. */
export function connectCommands(page) {
  const bar = page.querySelector(".edit-bar");
  const status = bar.querySelector("#saving");
  const undoButton = bar.querySelector("#undo");
  let queue = Promise.resolve();
  let refreshing = 0;

  function say(text, bad = false) {
    status.textContent = text;
    status.classList.toggle("problem", bad);
  }

  /** Resolves to { ok, body }; after a conflict `body.current` is what is saved now. */
  function send(command, segment, change = {}) {
    queue = queue.then(() => carryOut(command, segment, change));
    return queue;
  }

  async function carryOut(command, segment, change) {
    say("Saving");
    const id = idOf(segment);
    const versions = { [id]: Number(segment.dataset.version) };
    const reply = await post(bar.dataset.commands, { command, arguments: { segment: id, ...change }, versions, client_id: newId() });
    if (reply.ok) saved(segment, reply.body);
    else say(`Could not save: ${reason(reply.body)}`, true);
    return reply;
  }

  function saved(segment, body) {
    paint(segment, body.segment);
    say(`Saved ${time(new Date())}`);
    undoButton.disabled = !body.undo;
    undoButton.dataset.segment = body.undo?.segment ?? "";
    clearTimeout(refreshing);
    refreshing = setTimeout(refresh, REFRESH_AFTER);
  }

  // Saved is saved: figures that cannot be loaded now come with the next edit.
  async function refresh() {
    try {
      takeOver(page, await loadPage());
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }

  async function post(address, body, again = true) {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": page.dataset.csrf ?? "" };
    try {
      const reply = await fetch(address, { method: "POST", headers, body: JSON.stringify(body) });
      if (again && [400, 401].includes(reply.status) && await renewToken()) return post(address, body, false);
      return { ok: reply.ok, body: await reply.json() };
    } catch {
      if (!again) return { ok: false, body: { detail: "the server cannot be reached. Your text stays here; save again." } };
      await wait(RETRY_AFTER);
      return post(address, body, false);
    }
  }

  /** Whether the editor has signed in anew meanwhile, in another window. */
  async function renewToken() {
    const token = (await loadPage()).querySelector(".debate")?.dataset.csrf;
    if (token) page.dataset.csrf = token;
    return Boolean(token);
  }

  function reason(body) {
    if (body.status === 401) return "you are signed out. Sign in in another window, then save again.";
    return body.current ? `${changedBy(body)}.` : body.detail;
  }

  async function undo() {
    const segment = page.querySelector(`#s${undoButton.dataset.segment}`);
    if (!segment || undoButton.disabled) return;
    if (segment.querySelector("form")) { say("Save or cancel the open segment first."); return; }
    const reply = await send("undo", segment);
    if (reply.body.current) paint(segment, reply.body.current);
    segment.querySelector(".time").focus();
  }

  async function addPerson(name) {
    const reply = await post(bar.dataset.people, { name }, false);
    if (!reply.ok) say(`Could not save: ${reason(reply.body)}`, true);
    return reply;
  }

  undoButton.addEventListener("click", undo);
  return { send, undo, addPerson };
}

/** Who saved the row of a conflict, and when. */
export const changedBy = (body) => `${body.by ?? "someone else"} changed this segment${body.at ? ` at ${time(new Date(body.at))}` : ""}`;
