// A button that copies beside what is shown once.
for (const shown of document.querySelectorAll("[data-copy]")) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Copy" });
  const status = Object.assign(document.createElement("span"), { role: "status" });
  const line = document.createElement("p");
  line.append(button, " ", status);
  shown.after(line);
  button.addEventListener("click", async () => { status.textContent = await copy(shown); });
}

/** Over plain http browsers have no clipboard, and some refuse it: then it is marked for the keys. */
async function copy(shown) {
  try {
    await navigator.clipboard.writeText(textOf(shown));
    return "Copied.";
  } catch {
    mark(shown);
    return "Press Ctrl+C, or ⌘C on a Mac: it is marked.";
  }
}

const textOf = (shown) => shown.value ?? [...shown.querySelectorAll("code")].map((code) => code.textContent).join("\n");

function mark(shown) {
  if (shown.select) shown.select();
  else getSelection().selectAllChildren(shown);
}
