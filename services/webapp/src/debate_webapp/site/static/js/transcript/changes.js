// Shows what changed: others' edits every ten seconds, and the figures after anybody's.
import { Away, loadPage, takeOver } from "./refresh.js";
import { paintRows } from "./segments.js";
import { noteSuperseded } from "./superseded.js";
import { paintNames } from "./speakers.js";
import { paintVoices } from "./voices.js";

const LOOK_EVERY = 10_000;
// Edits that follow each other closely share one look.
const LOOK_AFTER = 700;
const LONGEST = 30_000;

/** Returns { saved, look }: the first is to be called with the reply to one's own command. */
export function connectChanges(page, { say, showSteps }) {
  const { changes, figures } = page.querySelector(".edit-bar").dataset;
  let latest = Number(page.dataset.revision); // what the rows on the page are known to be at least
  let seen = latest; // up to here nothing is missing
  let behind = false; // whether the figures are older than the rows
  let looking = Promise.resolve();
  let planned = 0;
  let names = null; // the last look's; a field that is left alone again shows them

  /** The reply to a command on segments, to one on a label, or with a conflict; only the first shows rows. */
  function saved(body) {
    if (body.revision >= latest) show(body); // else a look has overtaken it and brought its rows
    clearTimeout(planned);
    planned = setTimeout(look, LOOK_AFTER);
  }

  function show(body) {
    latest = Math.max(latest, body.revision);
    paintVoices(page, body.voices);
    paintRows(page, body.segments);
    showSteps(body);
  }

  /** Resolves when what had changed before is shown. */
  function look() {
    looking = looking.then(fetchChanges).catch(ignoreAway);
    return looking;
  }

  async function fetchChanges() {
    const reply = await fetch(`${changes}?since=${seen}`, { cache: "no-store", signal: AbortSignal.timeout(LONGEST) });
    if (reply.status === 410) say((await reply.json()).detail);
    if (reply.status === 200) take(await reply.json());
    if (behind) takeOver(page, await loadPage(figures));
    behind = false;
    if (names) paintNames(page, names); // of two with one name the list just loaded says which
  }

  function take(body) {
    noteSuperseded(page, body);
    if (body.revision < latest) { look(); return; } // asked before one's own edit, answered after it
    if (body.revision === seen) return; // a replaced version answers every time
    seen = body.revision;
    behind = true;
    show(body);
    names = body;
    if (body.by.length) say(`${body.by.join(", ")} changed ${count(body.segments)}`);
  }

  // Saved is saved: what cannot be loaded now comes with the next look.
  function ignoreAway(error) {
    if (![TypeError, SyntaxError, DOMException, Away].some((kind) => error instanceof kind)) throw error;
  }

  const count = ({ length }) => (length === 1 ? "1 segment" : `${length} segments`);
  const visible = () => document.visibilityState === "visible";
  setInterval(() => visible() && look(), LOOK_EVERY);
  document.addEventListener("visibilitychange", () => visible() && look());
  return { saved, look };
}
