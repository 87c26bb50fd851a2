// Takes over from a page as it would have been loaded what names, texts and figures appear in.

const PARTS = ["#figures", "#reviewed", "#people"];

/** Loads the page anew; its document, without touching the one that is shown. */
export async function loadPage() {
  const reply = await fetch(location.pathname);
  return parse(await reply.text());
}

export const parse = (text) => new DOMParser().parseFromString(text, "text/html");

export function takeOver(page, html) {
  for (const part of PARTS) {
    const now = html.querySelector(part);
    if (now) page.querySelector(part)?.replaceWith(now);
  }
  const fresh = new Map([...html.querySelectorAll(".segment")].map((item) => [item.id, item]));
  for (const segment of page.querySelectorAll(".segment")) repaint(segment, fresh.get(segment.id));
  const track = page.querySelector("track");
  if (track) track.src = track.getAttribute("src").split("?")[0] + `?${Date.now()}`;
}

// A segment that is being edited keeps the version its editor saw.
function repaint(segment, now) {
  if (!now) return;
  segment.className = now.className;
  segment.querySelector(".speaker")?.remove();
  const speaker = now.querySelector(".speaker");
  if (speaker) segment.prepend(speaker);
  if (segment.querySelector("form")) return;
  for (const part of [".text", ".review"]) segment.querySelector(part)?.replaceWith(now.querySelector(part));
  Object.assign(segment.dataset, now.dataset);
}
