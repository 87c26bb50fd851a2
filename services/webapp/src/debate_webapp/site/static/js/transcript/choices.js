// Whom an editor may mean: the page knows those of its debate, all others are asked for as one types.

// Hands that go on typing need no answer.
const REST = 150;
const LONGEST = 10_000;

export function connectChoices(page) {
  const { choices } = page.querySelector(".edit-bar").dataset;
  let resting = 0;

  page.addEventListener("input", ({ target }) => {
    if (target.getAttribute("list") !== "people") return;
    clearTimeout(resting);
    resting = setTimeout(() => suggest(target, target.value), REST);
  });

  async function suggest(field, typed) {
    const found = typed.trim() ? await ask(typed) : [];
    if (field.value !== typed) return;
    const list = page.querySelector("#people");
    const known = new Set([...list.options].map(({ value }) => value));
    list.append(...found.filter((choice) => !known.has(choice)).map(option));
  }

  /** None where the server does not answer: a name can be typed without. */
  async function ask(typed) {
    try {
      const reply = await fetch(`${choices}?typed=${encodeURIComponent(typed)}`, { signal: AbortSignal.timeout(LONGEST) });
      return reply.ok ? (await reply.json()).choices : [];
    } catch {
      return [];
    }
  }
}

function option(value) {
  const made = document.createElement("option");
  made.value = value;
  return made;
}
