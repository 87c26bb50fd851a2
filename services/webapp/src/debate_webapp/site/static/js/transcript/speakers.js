// Saving a name without leaving the page; without this file the same form does it with a reload.

export function connectSpeakers(page, commands) {
  const panel = page.querySelector("#speakers");

  panel.addEventListener("submit", (event) => {
    event.preventDefault();
    save(event.target);
  });

  panel.addEventListener("input", ({ target: { form } }) => { say(form, "Not saved yet"); });

  async function save(form) {
    const { name, version } = form.elements;
    const button = form.querySelector("button");
    const sent = name.value;
    if (button.disabled) return;
    button.disabled = true;
    say(form, "Saving …");
    const { ok, body } = await commands.nameLabel(form.dataset.label, sent, Number(version.value));
    button.disabled = false;
    if (ok) saved(form, sent, body);
    else if (body.current) disagree(form, body.current);
    else say(form, `Not saved: ${body.status === 401 ? "you are signed out. Sign in in another window, then save again." : body.detail}`);
  }

  function saved(form, sent, speaker) {
    const same = form.elements.name.value === sent;
    adopt(page, form, speaker);
    if (same) form.elements.name.value = form.elements.name.defaultValue;
    say(form, same ? `Saved: ${speaker.person?.name ?? "no name"}` : "Not saved yet");
  }

  // Their row has been seen now; what was typed stays until one of them is saved.
  function disagree(form, current) {
    const { name } = form.elements;
    const typed = name.value === name.defaultValue ? null : name.value;
    adopt(page, form, current);
    name.value = typed ?? name.defaultValue;
    say(form, `Someone else saved ${current.person?.name ?? "no name"} meanwhile.${typed === null ? "" : " Save again to keep yours."}`);
  }
}

/** Shows the names of the API; where something is typed, its editor has not seen the new row yet. */
export function paintNames(page, { speakers, voices }) {
  for (const speaker of speakers) {
    const form = page.querySelector(`#speakers form[data-label="${CSS.escape(speaker.label)}"]`);
    if (!form) continue;
    paintSwatch(form, voices.find(({ labels }) => labels.includes(speaker.label)));
    const { name, version } = form.elements;
    const touched = name.value !== name.defaultValue;
    if (touched || Number(version.value) >= speaker.version) continue;
    adopt(page, form, speaker);
    name.value = name.defaultValue;
    say(form, "");
  }
}

const say = (form, text) => { form.querySelector(".outcome").textContent = text; };

function adopt(page, form, { person, version }) {
  form.elements.version.value = version;
  form.elements.name.defaultValue = person ? choiceOf(page, person) : "";
}

/** As the list of people has it: with the slug where two have one name. */
function choiceOf(page, { name, slug }) {
  const choices = [...page.querySelectorAll("#people option")].map((option) => option.value);
  return choices.includes(`${name} (${slug})`) ? `${name} (${slug})` : name;
}

function paintSwatch(form, { colour, initials }) {
  const chip = form.querySelector(".swatch .chip");
  chip.className = `chip colour-${colour}`;
  chip.textContent = initials;
}
