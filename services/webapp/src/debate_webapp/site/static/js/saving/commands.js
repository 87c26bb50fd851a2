// What an editor can ask of the server, and how that went.
import { connectChanges } from "../transcript/changes.js";
import { connectDelivery } from "./delivery.js";
import { createOutbox, ownVersion } from "./outbox.js";
import { focusOn, seen } from "../transcript/segments.js";
import { connectStatus, time } from "./status.js";
import { noteSuperseded } from "../transcript/superseded.js";

// By the status of the reply.
const HINDRANCES = { 0: "the server cannot be reached", 507: "the server's disk is full" };

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Returns { send, nameLabel, undo, redo, say, forget, busy }. */
export function connectCommands(page) {
  const bar = page.querySelector(".edit-bar");
  const buttons = { undo: bar.querySelector("#undo"), redo: bar.querySelector("#redo") };
  const { say, show } = connectStatus(page);
  const changes = connectChanges(page, { say, showSteps });
  const outbox = createOutbox({ deliver: connectDelivery(page), settled, show: showProgress });

  /** On rows as they were seen; resolves to { ok, body }, after a conflict with `body.current`. */
  function send(command, rows, change = {}) {
    const named = { segment: rows[0].id };
    return outbox.give({ command, rows, request: () => request(command, rows, { ...named, ...change }) });
  }

  function request(command, rows, change) {
    const versions = Object.fromEntries(rows.map(({ id, version }) => [id, version]));
    return { method: "POST", address: bar.dataset.commands, body: { command, arguments: change, versions, client_id: newId() } };
  }

  /** Says who a label is, known or new, "" for nobody; as `send`, once the rows show it too. */
  async function nameLabel(label, name, version) {
    const address = `${bar.dataset.speakers}/${encodeURIComponent(label)}`;
    const who = name.trim() ? { name } : { person: null };
    const body = { ...who, version, client_id: newId() };
    const reply = await outbox.give({ command: "assign_label", rows: [], request: () => ({ method: "PUT", address, body }) });
    if (reply.ok) await changes.look();
    return reply;
  }

  function settled(job, { ok, body, status }) {
    noteSuperseded(page, body);
    if (!ok) {
      show(body.current ? "conflict" : "problem", `Could not save: ${reason(job, body, status)}`);
      if (body.current) changes.saved(body);
      return;
    }
    if (outbox.follows(job.command)) tellForms(job, body);
    changes.saved(body);
    show("saved", `Saved ${time(new Date())}`);
  }

  function tellForms({ rows: [{ id, version }] }, { segment }) {
    page.dispatchEvent(new CustomEvent("own", { detail: { id, version, now: ownVersion(version, segment.version) } }));
  }

  function showProgress(state, count, reply) {
    const number = count > 1 || reply ? ` (${count})` : "";
    if (state === "saving") show(state, `Saving${number}`);
    else show(state, `Waiting${number}: ${HINDRANCES[reply.status] ?? "the server is busy"}. Trying again.`);
  }

  function showSteps(body) {
    for (const [name, button] of Object.entries(buttons)) {
      button.disabled = !body[name];
      button.dataset.segments = body[name]?.segments.join(" ") ?? "";
    }
  }

  function reason(job, body, status) {
    if (status === 401) return "you are signed out. Sign in in another window, then save again.";
    if (!body.current) return body.detail;
    if (job.command === "assign_label") return "someone else named this voice meanwhile.";
    if (job.early && body.by === page.dataset.user) return "the step before was still being saved. Look, and do it again.";
    return `${changedBy(body)}.`;
  }

  /** Undo or redo: what that is shows only once the steps before are saved. */
  async function step(name) {
    let shown = [];
    const prepare = () => {
      if (buttons[name].disabled) return null;
      shown = buttons[name].dataset.segments.split(" ").map((id) => page.querySelector(`#s${id}`)).filter(Boolean);
      if (!shown.some((segment) => segment.querySelector("form"))) return request(name, shown.map(seen), {});
      say("Save or cancel the open segment first.");
      return null;
    };
    const reply = await outbox.give({ command: name, rows: [], request: prepare });
    if (reply?.ok) focusOn(page.querySelector(`#s${reply.body.segment.id}`));
  }

  const undo = () => step("undo");
  const redo = () => step("redo");
  for (const [name, button] of Object.entries(buttons)) button.addEventListener("click", () => step(name));
  return { send, nameLabel, undo, redo, say, forget: () => show("", ""), busy: () => outbox.size() > 0 };
}

/** Who saved the row of a conflict, and when; `before` is the row that was seen, if that is known. */
export function changedBy({ current, by, at }, before = current) {
  const did = current.removed ? "merged this segment into another" : whatHappened(current, before);
  return `${by ?? "someone else"} ${did}${at ? ` at ${time(new Date(at))}` : ""}`;
}

function whatHappened(current, before) {
  if (current.end < before.end) return "split this segment";
  return current.end > before.end ? "merged another segment into this one" : "changed this segment";
}
