// What was typed and not saved stays in this window, and is offered where it belongs.
import { idOf, said } from "../transcript/segments.js";

/** Returns { keep, of, drop, offerAll }; `resume` is called with a segment whose draft is wanted. */
export function connectDrafts(page, resume) {
  const template = page.querySelector("#segment-draft").content;
  const prefix = `draft ${page.dataset.user} ${page.dataset.transcript} `;

  /** Of a segment: what is typed, and the row (version, start, end) that its editor saw. */
  function keep(segment, draft) {
    try {
      sessionStorage.setItem(prefix + idOf(segment), JSON.stringify(draft));
    } catch { /* Without room for it the text is still in its form. */ }
  }

  const of = (segment) => JSON.parse(sessionStorage.getItem(prefix + idOf(segment))) ?? undefined;

  function drop(segment) {
    sessionStorage.removeItem(prefix + idOf(segment));
    segment.querySelector(".unsaved")?.remove();
  }

  function offerAll() {
    const kept = Object.keys(sessionStorage).filter((key) => key.startsWith(prefix));
    for (const key of kept) offer(key.slice(prefix.length), JSON.parse(sessionStorage.getItem(key)));
  }

  function offer(id, draft) {
    const segment = page.querySelector(`#s${id}`);
    if (segment?.classList.contains("editing") || page.querySelector(`.unsaved[data-segment="${id}"]`)) return;
    if (segment && said(segment) === draft.text.trim()) drop(segment);
    else show(segment, id, draft);
  }

  function show(segment, id, draft) {
    const note = template.firstElementChild.cloneNode(true);
    note.dataset.segment = id;
    note.querySelector("blockquote").textContent = draft.text;
    note.querySelector(".lost").hidden = Boolean(segment);
    note.querySelector(".resume").hidden = !segment;
    note.querySelector(".resume").addEventListener("click", () => { resume(segment); });
    note.querySelector(".discard").addEventListener("click", () => { note.remove(); sessionStorage.removeItem(prefix + id); });
    if (segment) segment.append(note);
    else page.querySelector(".block").before(note);
  }

  page.addEventListener("segments", offerAll);
  return { keep, of, drop, offerAll };
}

/** Whether more than a word is different. */
export function differsMuch(before, after) {
  const [one, other] = [before, after].map((text) => text.split(/\s+/).filter(Boolean));
  const longer = Math.max(one.length, other.length);
  let same = 0;
  while (same < longer && one[same] === other[same]) same += 1;
  let tail = 0;
  while (tail < longer - same && one.at(-1 - tail) !== undefined && one.at(-1 - tail) === other.at(-1 - tail)) tail += 1;
  return longer - same - tail > 1;
}
