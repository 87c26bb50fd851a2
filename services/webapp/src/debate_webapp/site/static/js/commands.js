// Sends commands one after another and tells in one place how that went.
import { connectChanges } from "./changes.js";
import { loadPage } from "./refresh.js";
import { focusOn, idOf, paintRows } from "./segments.js";
import { noteSuperseded } from "./superseded.js";

const RETRY_AFTER = 1000;

const wait = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });
const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
const time = (date) => date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** Returns { send, undo, redo, addPerson, say }. */
export function connectCommands(page) {
  const bar = page.querySelector(".edit-bar");
  const status = bar.querySelector("#saving");
  const buttons = { undo: bar.querySelector("#undo"), redo: bar.querySelector("#redo") };
  const changes = connectChanges(page, { say, showSteps });
  let queue = Promise.resolve();

  function say(text, bad = false) {
    status.textContent = text;
    status.classList.toggle("problem", bad);
  }

  /** Resolves to { ok, body }; after a conflict `body.current` is what is saved now. */
  function send(command, segments, change = {}) {
    queue = queue.then(() => carryOut(command, segments, change));
    return queue;
  }

  async function carryOut(command, segments, change) {
    say("Saving");
    const versions = Object.fromEntries(segments.map((segment) => [idOf(segment), Number(segment.dataset.version)]));
    const named = segments.length ? { segment: idOf(segments[0]) } : {};
    const reply = await post(bar.dataset.commands, { command, arguments: { ...named, ...change }, versions, client_id: newId() });
    noteSuperseded(page, reply.body);
    if (reply.ok) saved(reply.body);
    else say(`Could not save: ${reason(reply.body)}`, true);
    return reply;
  }

  function saved(body) {
    changes.saved(body);
    say(`Saved ${time(new Date())}`);
  }

  function showSteps(body) {
    for (const [name, button] of Object.entries(buttons)) {
      button.disabled = !body[name];
      button.dataset.segments = body[name]?.segments.join(" ") ?? "";
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

  /** Undo or redo; the rows it is about, as far as they are shown. */
  async function step(name) {
    const button = buttons[name];
    if (button.disabled) return;
    const shown = button.dataset.segments.split(" ").map((id) => page.querySelector(`#s${id}`)).filter(Boolean);
    if (shown.some((segment) => segment.querySelector("form"))) { say("Save or cancel the open segment first."); return; }
    const { ok, body } = await send(name, shown);
    if (body.current) paintRows(page, [body.current]);
    if (ok) focusOn(page.querySelector(`#s${body.segment.id}`));
  }

  async function addPerson(name) {
    const reply = await post(bar.dataset.people, { name }, false);
    if (!reply.ok) say(`Could not save: ${reason(reply.body)}`, true);
    return reply;
  }

  const undo = () => step("undo");
  const redo = () => step("redo");
  for (const [name, button] of Object.entries(buttons)) button.addEventListener("click", () => step(name));
  return { send, undo, redo, addPerson, say };
}

/** Who saved the row of a conflict, and when. */
export function changedBy(body) {
  const did = body.current.removed ? "merged this segment into another" : "changed this segment";
  return `${body.by ?? "someone else"} ${did}${body.at ? ` at ${time(new Date(body.at))}` : ""}`;
}
