// Finds words in this debate: the server's hits, marked in the text, one step after the other.

const LONGEST = 30_000;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export function connectFind(page) {
  const form = page.querySelector("form.find");
  if (!form) return;
  const words = form.querySelector("#find");
  const found = form.querySelector("#found");
  const steps = form.querySelectorAll("button[data-step]");
  let asked = "";
  let hits = [];
  let more = false;
  let at = 0;
  let looks = 0; // of which only the last counts

  function tell(sentence) {
    if (found.textContent !== sentence) found.textContent = sentence; // told once
    for (const button of steps) button.hidden = hits.length < 2;
  }

  function clear(sentence = "") {
    hits = [];
    asked = "";
    paint();
    tell(sentence);
  }

  async function ask(given) {
    const address = new URL(form.dataset.hits, location.href);
    address.searchParams.set("q", given);
    try {
      const response = await fetch(address, { signal: AbortSignal.timeout(LONGEST) });
      const answer = await response.json();
      return response.ok ? answer : { problem: answer.detail };
    } catch {
      return { problem: "No answer. Try again." };
    }
  }

  async function find() {
    const given = words.value.trim();
    if (!given) return clear();
    const answer = await ask(given);
    if (words.value.trim() !== given) return undefined; // something else is asked by now
    if (answer.problem) return clear(answer.problem);
    ({ hits, more } = answer);
    asked = given;
    at = 0;
    return show();
  }

  // Rows have changed: what is found is looked for again, and one stays where one is.
  async function follow() {
    if (!asked) return;
    const given = asked;
    const mine = (looks += 1);
    const answer = await ask(given);
    if (asked !== given || looks !== mine || answer.problem) return;
    const here = hits[at];
    ({ hits, more } = answer);
    const next = hits.findIndex((hit) => !here || !comesBefore(hit, here));
    at = next < 0 ? Math.max(hits.length - 1, 0) : next;
    paint();
    tell(place());
  }

  function step(by) {
    at = (at + by + hits.length) % hits.length;
    show();
  }

  function show() {
    paint();
    tell(place());
    rowOf(hits[at])?.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
  }

  function place() {
    return hits.length ? `${at + 1} of ${hits.length}${more ? " and more" : ""}` : "Nobody says that";
  }

  function paint() {
    for (const row of page.querySelectorAll(".segment.found")) row.classList.remove("found");
    rowOf(hits[at])?.classList.add("found");
    if (!CSS.highlights) return;
    CSS.highlights.set("found", new Highlight(...hits.flatMap(rangesOf)));
    CSS.highlights.set("found-now", new Highlight(...(hits[at] ? rangesOf(hits[at]) : [])));
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (hits.length && words.value.trim() === asked) step(1);
    else find();
  });
  for (const button of steps) button.addEventListener("click", () => step(Number(button.dataset.step)));
  page.addEventListener("segments", follow);
  words.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && words.value) {
      event.preventDefault();
      words.value = "";
      clear();
    } else if (event.key === "Enter" && event.shiftKey && hits.length) {
      event.preventDefault();
      step(-1);
    }
  });
  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    words.focus();
    words.select();
  });
}

const comesBefore = (hit, other) => hit.start < other.start || (hit.start === other.start && hit.segment < other.segment);

function rowOf(hit) {
  return hit ? document.getElementById(`s${hit.segment}`) : null;
}

// Places in the text count characters, JavaScript's half of those beyond U+FFFF.
function rangesOf(hit) {
  const text = rowOf(hit)?.querySelector(".text")?.firstChild;
  if (text?.nodeType !== Node.TEXT_NODE || !text.data.startsWith(hit.text)) return []; // edited since
  const characters = [...hit.text];
  const offset = (place) => characters.slice(0, place).join("").length;
  return hit.marks.map(([start, end]) => {
    const range = new Range();
    range.setStart(text, offset(start));
    range.setEnd(text, offset(end));
    return range;
  });
}
