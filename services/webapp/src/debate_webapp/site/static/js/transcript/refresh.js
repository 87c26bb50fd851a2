// Takes over from a page as it would have been loaded what names and figures appear in.

const PARTS = ["#figures", "#reviewed", "#people", "#voices"];
const LONGEST = 30_000;

/** There is no such page just now. */
export class Away extends Error {}

/** Loads this page anew, or another one; its document, without touching the one that is shown. */
export async function loadPage(address = location.pathname) {
  const reply = await fetch(address, { signal: AbortSignal.timeout(LONGEST) });
  if (!reply.ok) throw new Away(`${address}: ${reply.status}`);
  return new DOMParser().parseFromString(await reply.text(), "text/html");
}

export function takeOver(page, html) {
  for (const part of PARTS) replace(page.querySelector(part), html.querySelector(part));
  const track = page.querySelector("track");
  if (track) track.src = track.getAttribute("src").split("?")[0] + `?${Date.now()}`;
}

// What the reader has unfolded stays so.
function replace(shown, now) {
  if (!shown || !now) return;
  const open = new Set([...shown.querySelectorAll("details[open]")].map(title));
  for (const details of now.querySelectorAll("details")) details.open = open.has(title(details));
  shown.replaceWith(now);
}

const title = (details) => details.querySelector("summary .name, summary").textContent;
