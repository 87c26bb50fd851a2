// The segments of the list as data: what each says, whose it is, and showing what was saved.
import { clock } from "../playing/timeline.js";
import { colourOf } from "./voices.js";

export const idOf = (segment) => Number(segment.id.slice(1));
/** A row as its editor sees it: what a command on it names. */
export const seen = (segment) => ({ id: idOf(segment), version: Number(segment.dataset.version) });
export const clockOf = (segment) => segment.querySelector(".time").textContent;
export const isReviewed = (segment) => segment.querySelector(".review").ariaPressed === "true";
export const focusOn = (segment) => segment?.querySelector(".time").focus();

/** The text without the mark for overlap. */
export function said(segment) {
  const parts = [...segment.querySelector(".text").childNodes];
  return parts.filter((part) => part.nodeType === Node.TEXT_NODE).map((part) => part.data).join("").trim();
}

/** The segment before (-1) or after (1) this one in the list, across its blocks; of one that is gone, none. */
export function neighbour(segment, by) {
  const [next, edge] = by > 0 ? ["nextElementSibling", "firstElementChild"] : ["previousElementSibling", "lastElementChild"];
  if (segment[next]) return segment[next];
  let block = segment.parentElement?.[next];
  while (block?.matches(".block:empty")) block = block[next];
  return block?.matches(".block") ? block[edge] : null;
}

// What others saved of a segment while it is edited; it is shown once that ends.
const held = new WeakMap();

/** Shows rows of the API: changed, new or gone. A segment being edited keeps what its editor saw. */
export function paintRows(page, rows) {
  const touched = rows.flatMap((row) => (row.removed ? remove(page, row) : [place(page, row)]));
  // What one row was next to may itself have gone by now.
  const there = touched.filter((segment) => segment?.isConnected);
  const after = there.map((segment) => neighbour(segment, 1)).filter(Boolean);
  for (const segment of new Set([...there, ...after])) open(page, segment);
  page.dispatchEvent(new Event("segments"));
}

/** Keeps the row of a conflict until then; one of a look may be of later, with other names. */
export function holdBack(segment, row) {
  if (!(held.get(segment)?.version >= row.version)) held.set(segment, row);
}

/** Shows what was held back while the segment was edited. */
export function release(page, segment) {
  const row = held.get(segment);
  held.delete(segment);
  if (row) paintRows(page, [row]);
}

function remove(page, row) {
  const segment = page.querySelector(`#s${row.id}`);
  if (!segment || holds(segment, row)) return [];
  const before = neighbour(segment, -1);
  const after = neighbour(segment, 1);
  segment.remove();
  return [before, after];
}

function place(page, row) {
  const segment = page.querySelector(`#s${row.id}`) ?? insert(page, row);
  if (row.version >= Number(segment.dataset.version) && !holds(segment, row)) paint(segment, row);
  return segment;
}

function holds(segment, row) {
  const editing = segment.classList.contains("editing");
  if (editing) held.set(segment, row);
  return editing;
}

function insert(page, row) {
  const all = [...page.querySelectorAll(".segment")];
  const before = all.findLast((one) => comesBefore(one, row));
  const segment = (before ?? all[0]).cloneNode(true);
  segment.id = `s${row.id}`;
  segment.dataset.version = 0; // not its neighbour's
  segment.removeAttribute("aria-current");
  segment.classList.remove("editing", "found");
  for (const part of segment.querySelectorAll("form, .unsaved")) part.remove();
  if (before) before.after(segment);
  else all[0].before(segment);
  return segment;
}

// As the server has them in order.
function comesBefore(segment, row) {
  const start = Number(segment.dataset.start);
  return start < row.start || (start === row.start && idOf(segment) < row.id);
}

function paint(segment, row) {
  const at = clock(row.start);
  const data = { start: row.start, end: row.end, label: row.speaker, version: row.version };
  Object.assign(segment.dataset, data, { person: row.own_person ?? "", voice: row.person ?? row.speaker, name: row.name });
  segment.toggleAttribute("data-uncertain", row.uncertain);
  segment.querySelector(".text").replaceChildren(row.text, ...(row.overlap ? [" ", overlapMark()] : []));
  const [time, edit, review] = [".time", ".edit", ".review"].map((part) => segment.querySelector(part));
  time.textContent = at;
  time.ariaLabel = `Play from ${at}`;
  edit.ariaLabel = `Edit the segment at ${at}`;
  review.ariaLabel = `Reviewed: the segment at ${at}`;
  review.ariaPressed = String(row.reviewed);
}

function overlapMark() {
  const mark = document.createElement("span");
  mark.className = "overlap";
  mark.title = "Someone else speaks at the same time";
  mark.textContent = "overlap";
  return mark;
}

/** Names the speaker where the one before was another, as the server does. */
function open(page, segment) {
  const { voice, name } = segment.dataset;
  const opens = segment.previousElementSibling?.dataset.voice !== voice;
  segment.classList.toggle("opens", opens);
  segment.querySelector(".speaker")?.remove();
  if (!opens) return;
  const line = document.createElement("p");
  line.className = `speaker ${colourOf(page, voice)}`;
  line.append(Object.assign(document.createElement("span"), { className: "name", textContent: name }));
  segment.prepend(line);
}
