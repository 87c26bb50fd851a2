// "Sounds like …" beside the voices without a name: who is named in other debates, proposed by ear.
import { connectExcerpts } from "../playing/excerpts.js";
import { Away, loadPage } from "./refresh.js";

// The first look at a debate keeps its voices, for which a busy database may have no time at once.
const AGAIN_AFTER = [2_000, 10_000];

export async function connectKnownVoices(page, player) {
  const link = page.querySelector("#known-voices a");
  if (!link) return;
  const say = (text) => { link.parentElement.querySelector("[role=status]").textContent = text; };
  const html = await ask(link.href, AGAIN_AFTER);
  const connect = connectExcerpts(say, () => player?.pause());
  for (const found of html?.querySelectorAll("[data-choice]") ?? []) propose(page, found, connect);
}

/** Nothing where no try is answered: a name can be typed without. */
async function ask(address, [pause, ...later]) {
  try {
    return await loadPage(address);
  } catch (error) {
    if (!(error instanceof Away)) console.warn(error);
  }
  if (!pause) return null;
  await new Promise((then) => { setTimeout(then, pause); });
  return ask(address, later);
}

function propose(page, { dataset, children: [known] }, connect) {
  const form = page.querySelector(`#speakers form[data-label="${CSS.escape(dataset.label)}"]`);
  if (!form || form.elements.name.value) return;
  known.querySelector(".own")?.remove(); // "Sample" plays that
  known.append(useButton(form, dataset.choice));
  form.append(known);
  connect(known);
}

function useButton(form, choice) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Use this name" });
  button.addEventListener("click", () => {
    form.elements.name.value = choice;
    form.elements.name.dispatchEvent(new Event("input", { bubbles: true }));
    form.querySelector("button:not([type])").focus();
  });
  return button;
}
