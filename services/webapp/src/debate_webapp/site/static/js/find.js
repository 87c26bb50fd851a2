// Finds words in this debate: the server's hits, marked in the text, one step after the other.

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

  function tell(sentence) {
    found.textContent = sentence;
    for (const button of steps) button.hidden = hits.length < 2;
  }

  function clear(sentence = "") {
    hits = [];
    asked = "";
    paint();
    tell(sentence);
  }

  async function ask() {
    const given = words.value.trim();
    if (!given) return clear();
    const address = new URL(form.dataset.hits, location.href);
    address.searchParams.set("q", given);
    try {
      const response = await fetch(address);
      const answer = await response.json();
      if (words.value.trim() !== given) return undefined; // something else is asked by now
      if (!response.ok) return clear(answer.detail);
      ({ hits, more } = answer);
    } catch {
      return clear("No answer. Try again.");
    }
    asked = given;
    at = 0;
    return hits.length ? show() : tell("Nobody says that");
  }

  function step(by) {
    at = (at + by + hits.length) % hits.length;
    show();
  }

  function show() {
    paint();
    tell(`${at + 1} of ${hits.length}${more ? " and more" : ""}`);
    rowOf(hits[at])?.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
  }

  function paint() {
    page.querySelector(".segment.found")?.classList.remove("found");
    rowOf(hits[at])?.classList.add("found");
    if (!CSS.highlights) return;
    CSS.highlights.set("found", new Highlight(...hits.flatMap(rangesOf)));
    CSS.highlights.set("found-now", new Highlight(...(hits[at] ? rangesOf(hits[at]) : [])));
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (hits.length && words.value.trim() === asked) step(1);
    else ask();
  });
  for (const button of steps) button.addEventListener("click", () => step(Number(button.dataset.step)));
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
