// The form of one segment: what is typed, what of it is saved, and what became of the row meanwhile.
import { changedBy } from "../saving/commands.js";
import { ownVersion } from "../saving/outbox.js";
import { differsMuch } from "./drafts.js";
import { clockOf, focusOn, holdBack, neighbour, release, said, seen } from "../transcript/segments.js";

const NEW = "+";
// What is typed after a save is saved when the hands have rested for so long.
const REST = 1_000;

/**
 * Opens the form of a segment, with a draft to go on with if there is one.
 *
 * Returns { focus, leave, isDirty, follow }. One thing at a time is on its way: `busy` is its promise.
 * It closes only when what it holds is what was saved.
 */
export function openForm(segment, { page, template, commands, reshaping, drafts, draft, closed }) {
  const form = template.firstElementChild.cloneNode(true);
  const { text, person, name } = form.elements;
  const before = { start: Number(segment.dataset.start), end: Number(segment.dataset.end), ...draft };
  const saved = { text: said(segment), person: segment.dataset.person };
  let { version } = { ...seen(segment), ...draft };
  let busy = null;
  let leaving = false; // whether it is to close once all is saved
  let theirs = null; // the row of a conflict
  let resting = 0;

  /** The commands that the form asks for, as [command, change]. */
  function changes() {
    const asked = [];
    if (text.value.trim() !== saved.text) asked.push(["edit_text", { text: text.value }]);
    if (person.value !== saved.person) asked.push(["assign_segment", chosen()]);
    return asked;
  }

  /** Those of them that are due: a new name may be half of one until its editor says so. */
  const due = () => changes().filter(([, change]) => leaving || !("name" in change));

  const chosen = () => (person.value === NEW ? { name: name.value } : { person: person.value || null });

  function typed() {
    grow();
    leaving = false;
    if (isDirty()) drafts.keep(segment, { version, start: before.start, end: before.end, text: text.value });
    else drafts.drop(segment);
    if (resting) saveLater();
  }

  function saveLater() {
    clearTimeout(resting);
    resting = setTimeout(() => { if (!theirs && form.isConnected) save(false); }, REST);
  }

  /** Saves what is typed, then closes, unless more is typed meanwhile; resolves to whether it closed. */
  function save(leave = true) {
    leaving = leave;
    return once(saveAll);
  }

  /** What is under way is finished first; it looks by itself at what was typed since. */
  function once(step) {
    busy ??= step().finally(() => { busy = null; form.ariaBusy = "false"; });
    form.ariaBusy = String(Boolean(busy));
    return busy;
  }

  async function saveAll() {
    do {
      if (!await carryOut(due())) return leaving = false;
    } while (leaving && changes().length);
    if (leaving) close();
    else if (due().length) {
      commands.say("Saved up to here; the rest is saved when you stop typing.");
      saveLater();
    }
    return leaving;
  }

  /** Whether all of it is saved. */
  async function carryOut(asked) {
    for (const [command, change] of asked) {
      const from = version;
      const { ok, body } = await commands.send(command, [{ ...seen(segment), version }], change);
      if (!ok && !isSo(change, body.current)) {
        if (body.current) disagree(body);
        return false;
      }
      if (ok) adopt(change, body.segment, ownVersion(from, body.segment.version));
      else adopt(change, body.current, body.current.version);
    }
    return true;
  }

  // The answer to an earlier try may never have come.
  const isSo = (change, row) => "text" in change && row?.text === change.text.trim() && row.version > version && !isReshaped(row);

  function adopt(change, row, now) {
    version = now;
    if ("text" in change) saved.text = change.text.trim();
    else if (same(change, chosen())) choose(row);
    else saved.person = row.own_person ?? "";
    if (!isDirty()) drafts.drop(segment);
  }

  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  function choose({ own_person: slug, name: shown }) {
    saved.person = slug ?? "";
    for (const list of [person, template.querySelector("select")]) addOption(list, saved.person, shown);
    person.value = saved.person;
    name.hidden = true;
  }

  function addOption(list, value, shown) {
    if (![...list.options].some((option) => option.value === value)) list.add(new Option(shown, value), list.options.length - 1);
  }

  /** At the caret; what was typed is saved with it. */
  async function splitAtCaret() {
    if (person.value === NEW) { commands.say("Save the new speaker first."); return; }
    const texts = [text.value.slice(0, text.selectionStart), text.value.slice(text.selectionStart)];
    const speaker = changes().filter(([command]) => command === "assign_segment");
    lock(true);
    const done = await carryOut([...speaker, ["split", { texts }]]);
    lock(false);
    if (!done) return;
    drafts.drop(segment);
    close();
    focusOn(neighbour(segment, 1));
  }

  // The halves are cut; what would be typed now had no place.
  function lock(locked) {
    text.readOnly = locked;
    person.disabled = locked;
  }

  const split = () => atRest(() => once(splitAtCaret))();

  async function merge() {
    if (await save()) reshaping.merge(segment);
  }

  function disagree(body) {
    const conflict = form.querySelector(".conflict");
    theirs = body.current;
    holdBack(segment, theirs);
    const gone = theirs.removed;
    const reshaped = isReshaped(theirs);
    conflict.querySelector(".who").textContent = `${changedBy(body, before)}.${gone ? "" : ` Saved is now, for ${theirs.name}:`}`;
    conflict.querySelector("blockquote").textContent = gone ? "Copy what you want to keep: your text has no place any more." : theirs.text || "(no words)";
    conflict.querySelector(".copy").hidden = gone || !reshaped;
    conflict.querySelector(".keep").hidden = reshaped;
    conflict.hidden = false; // it is announced; the keys stay where they are, lest a typed space chooses
  }

  // Words of it stand in another segment now, or another one's here: what was typed cannot replace it.
  const isReshaped = (row) => row.removed || row.start !== before.start || row.end !== before.end;

  /** Over their row, as far as one's own differs from what was seen. */
  function keepMine() {
    if (text.value.trim() === saved.text) text.value = theirs.text;
    if (person.value === saved.person) choose(theirs);
    Object.assign(saved, { text: theirs.text, person: theirs.own_person ?? "" });
    version = theirs.version;
    settle();
    save();
  }

  function takeTheirs() {
    if (!isReshaped(theirs)) drafts.drop(segment);
    settle();
    close();
    if (!segment.isConnected) focusOn(page.querySelector(".segment"));
  }

  function settle() {
    theirs = null;
    form.querySelector(".conflict").hidden = true;
    commands.forget();
  }

  // What is on its way may end otherwise than is thought now.
  const atRest = (act) => () => (busy ? commands.say("The step before is still being saved.") : act());

  /** Without saving; more than a word is kept, to be offered again. */
  function cancel() {
    if (!differsMuch(saved.text, text.value)) drafts.drop(segment);
    if (theirs) settle();
    close();
  }

  function close() {
    const focused = hasFocus();
    clearTimeout(resting);
    form.remove();
    segment.classList.remove("editing");
    if (focused) segment.querySelector(".time").focus({ preventScroll: true });
    closed();
    release(page, segment);
    drafts.offerAll();
  }

  const hasFocus = () => form.contains(document.activeElement) || document.activeElement === document.body;
  const isDirty = () => changes().length > 0;

  function grow() {
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight + 2}px`;
  }

  function listen() {
    form.addEventListener("submit", (event) => { event.preventDefault(); save(); });
    form.addEventListener("keydown", (event) => {
      if (event.isComposing) return; // the keys are the input method's
      if (event.key === "Escape") atRest(cancel)();
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.shiftKey ? split() : save();
    });
    form.addEventListener("input", typed);
    person.addEventListener("change", () => {
      name.hidden = person.value !== NEW;
      if (!name.hidden) name.focus();
    });
    const buttons = { cancel: atRest(cancel), keep: atRest(keepMine), take: atRest(takeTheirs), merge, split };
    for (const [button, act] of Object.entries(buttons)) {
      form.querySelector(`.${button}`).addEventListener("click", act);
    }
  }

  for (const field of [text, person]) {
    form.querySelector(`label[for="${field.id}"]`).htmlFor = `${field.id}-${segment.id}`;
    field.id = `${field.id}-${segment.id}`;
  }
  form.ariaLabel = `Segment at ${clockOf(segment)}`;
  person.options[0].text = `By label: ${segment.dataset.label}`;
  drafts.drop(segment);
  segment.querySelector(".text").after(form);
  segment.classList.add("editing");
  text.value = draft?.text ?? saved.text;
  addOption(person, saved.person, segment.dataset.name);
  person.value = saved.person;
  listen();
  typed();
  return {
    focus: () => text.focus(),
    /** For another segment; a conflict waits for its editor. */
    leave: () => { if (!theirs) save(); },
    isDirty,
    /** One's own command on the row has made a version of another, which the form's editor saw. */
    follow: (from, to) => { if (version === from) version = to; },
  };
}
