// Saving a name without leaving the page; without this file the same form does it with a reload.
import { parse, takeOver } from "./refresh.js";

export function connectSpeakers(page) {
  const panel = page.querySelector("#speakers");
  if (!panel) return;
  panel.addEventListener("submit", (event) => {
    event.preventDefault();
    save(event.target);
  });

  panel.addEventListener("input", (event) => {
    event.target.form.querySelector(".outcome").textContent = "Not saved yet";
  });

  async function save(form) {
    const outcome = form.querySelector(".outcome");
    const button = form.querySelector("button");
    button.disabled = true;
    outcome.textContent = "Saving …";
    try {
      const reply = await fetch(form.action, { method: "POST", body: new FormData(form) });
      const html = parse(await reply.text());
      if (!html.querySelector(".debate")) throw new Error(html.querySelector("main p")?.textContent);
      take(html, form.dataset.label);
      outcome.textContent = reply.ok ? savedAs(form) : row(html, form.dataset.label).querySelector(".outcome").textContent;
    } catch (error) {
      const reason = error instanceof TypeError ? "the server cannot be reached" : error.message;
      outcome.textContent = `Not saved: ${reason || "sign in again and repeat"}`;
    }
    button.disabled = false;
  }

  // The reply is the page as it would have been loaded.
  function take(html, label) {
    takeOver(page, html);
    for (const form of panel.querySelectorAll("form")) {
      const now = row(html, form.dataset.label);
      form.elements.client_id.value = now.elements.client_id.value;
      form.elements.version.value = now.elements.version.value;
      form.querySelector(".swatch").replaceWith(now.querySelector(".swatch"));
      if (form.dataset.label === label) form.elements.name.value = now.elements.name.value;
    }
  }

  const row = (html, label) => html.querySelector(`form[data-label="${CSS.escape(label)}"]`);
  const savedAs = (form) => (form.elements.name.value ? `Saved: ${form.elements.name.value}` : "Saved: no name");
}
