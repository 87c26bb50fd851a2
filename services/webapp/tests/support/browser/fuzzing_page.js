// For fuzzing_page.py: what a page shows, in one look, and keys where they cut no word in two.
const later = window.setTimeout;
// A tenth of every pause, so that a game takes seconds.
window.setTimeout = (act, pause, ...rest) => later(act, pause / 10, ...rest);

const all = (selector) => [...document.querySelectorAll(selector)];
const typed = new Set();
document.addEventListener("input", ({ target }) => {
  if (target.matches("textarea")) for (const word of target.value.split(/\s+/)) typed.add(word);
});

function row(segment) {
  const { version, start, end, label, person, name } = segment.dataset;
  const text = [...segment.querySelector(".text").childNodes].filter((part) => part.nodeType === Node.TEXT_NODE);
  return {
    id: Number(segment.id.slice(1)),
    version: Number(version),
    start: Number(start),
    end: Number(end),
    text: text.map((part) => part.data).join("").trim(),
    label,
    own: person || null,
    name,
    line: segment.querySelector(".speaker .name")?.textContent ?? null,
    time: segment.querySelector(".time").textContent,
    reviewed: segment.querySelector(".review").ariaPressed === "true",
  };
}

window.fuzzing = {
  /** Whole words that were in a text field. */
  typed: () => [...typed],
  shown: () => ({
    rows: all(".segment").map(row),
    names: Object.fromEntries(all("#speakers form").map((form) => [form.dataset.label, form.elements.name.value])),
    voices: all("#voices .name").map((name) => name.textContent),
    steps: ["#undo", "#redo"].map((name) => !document.querySelector(name).disabled),
  }),
  /** Everything in forms and drafts. */
  kept: () => [
    ...all(".segment textarea").map((field) => field.value),
    ...Object.entries(sessionStorage).filter(([key]) => key.startsWith("draft ")).map(([, draft]) => JSON.parse(draft).text),
  ].join(" "),
  place(field, at) {
    const spaces = [...field.value.matchAll(/\s+/g)].map((match) => match.index);
    const edges = [0, ...spaces, field.value.length];
    const edge = edges[Math.floor(at * edges.length)];
    field.focus();
    field.setSelectionRange(edge, edge);
  },
  seek(segment, part) {
    const { start, end } = segment.dataset;
    document.querySelector("#player").currentTime = Number(start) + part * (end - start);
  },
  click(selector, times) {
    const button = document.querySelector(selector);
    for (let time = 0; time < times; time += 1) button?.click();
  },
  /** Saves a name that is typed and not saved; whether there is one. */
  saveName() {
    const touched = ({ elements: { name } }) => name.value !== name.defaultValue;
    const form = all("#speakers form").find(touched);
    if (form && !form.querySelector("button").disabled) form.requestSubmit();
    return Boolean(form);
  },
};
