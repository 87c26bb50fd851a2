// Takes over from a page as it would have been loaded what names, texts and figures appear in.

const PARTS = ["#figures", "#reviewed", "#people", "#voices"];

/** Loads this page anew, or another one; its document, without touching the one that is shown. */
export async function loadPage(address = location.pathname) {
  const reply = await fetch(address);
  return parse(await reply.text());
}

export const parse = (text) => new DOMParser().parseFromString(text, "text/html");

export function takeOver(page, html) {
  for (const part of PARTS) replace(page.querySelector(part), html.querySelector(part));
  const fresh = new Map([...html.querySelectorAll(".segment")].map((item) => [item.id, item]));
  for (const segment of page.querySelectorAll(".segment")) repaint(segment, fresh.get(segment.id));
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

// In place, so that no focus is lost. A segment being edited keeps the version its editor saw.
function repaint(segment, now) {
  if (!now) return;
  const editing = segment.classList.contains("editing");
  segment.className = now.className;
  segment.classList.toggle("editing", editing);
  segment.querySelector(".speaker")?.remove();
  const speaker = now.querySelector(".speaker");
  if (speaker) segment.prepend(speaker);
  if (editing) return;
  Object.assign(segment.dataset, now.dataset);
  segment.toggleAttribute("data-uncertain", "uncertain" in now.dataset);
  segment.querySelector(".text").replaceChildren(...now.querySelector(".text").childNodes);
  const review = now.querySelector(".review");
  if (review) segment.querySelector(".review").ariaPressed = review.ariaPressed;
}
