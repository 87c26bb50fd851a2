// Keeps the list of jobs as the server has it: every two seconds while one is under way, else every ten.
const SOON = 2_000;
const LATER = 10_000;
const LONGEST = 30_000;
const status = document.querySelector("#status");

const jobs = () => document.querySelector("#jobs");
const isLive = () => Number(jobs().dataset.live) > 0;

async function look() {
  // The browser asks with the tag that it has; unchanged, the answer is empty.
  const reply = await fetch(location.pathname, { cache: "no-cache", signal: AbortSignal.timeout(LONGEST) });
  if (reply.redirected || reply.status === 403) { location.reload(); return; } // signed out meanwhile
  if (!reply.ok) return;
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  show(page.querySelector("#jobs"));
}

/** Takes over what changed; what is unfolded stays so, and so does the focus. */
function show(now) {
  if (!now || now.innerHTML === shown) return;
  shown = now.innerHTML;
  const open = new Set([...jobs().querySelectorAll("details[open]")].map((one) => one.dataset.key));
  for (const one of now.querySelectorAll("details")) one.open = open.has(one.dataset.key);
  const focused = keyOf(document.activeElement);
  tell(now);
  jobs().replaceWith(now);
  if (focused) [...now.querySelectorAll("button, summary, a")].find((one) => keyOf(one) === focused)?.focus();
}

/** For who does not see it: which job came to its end. */
function tell(now) {
  const before = new Map([...jobs().querySelectorAll("li")].map((one) => [one.dataset.id, one.dataset.state]));
  const ended = [...now.querySelectorAll("li")].filter((one) => before.has(one.dataset.id) && before.get(one.dataset.id) !== one.dataset.state);
  const words = ended.map((one) => `${one.querySelector(".title").textContent}: ${one.dataset.state}`);
  if (words.length) status.textContent = words.join(", ");
}

const keyOf = (element) => {
  const row = element?.closest("#jobs li");
  return row && `${row.dataset.id} ${element.textContent}`;
};

async function keepLooking() {
  if (document.visibilityState === "visible") await look().catch(ignoreAway);
  setTimeout(keepLooking, isLive() ? SOON : LATER);
}

// What cannot be loaded now comes with the next look.
function ignoreAway(error) {
  if (![TypeError, DOMException].some((kind) => error instanceof kind)) throw error;
}

let shown = jobs().innerHTML;
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look().catch(ignoreAway));
setTimeout(keepLooking, isLive() ? SOON : LATER);
