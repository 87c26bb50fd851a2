// The numbered list of those who speak; other parts ask it for keys, people and colours.

export const voiceOf = (page, key) => page.querySelector(`#voices [data-voice="${CSS.escape(key)}"]`);
export const voiceNumbered = (page, number) => page.querySelectorAll("#voices li")[number - 1];
export const colourOf = (page, key) => voiceOf(page, key)?.className ?? "";

/** Shows the voices of the API. */
export function paintVoices(page, voices) {
  page.querySelector("#voices").replaceChildren(...voices.map(item));
}

function item({ key, name, person, colour }, at) {
  const voice = document.createElement("li");
  voice.className = `colour-${colour}`;
  Object.assign(voice.dataset, { voice: key, person: person ?? "" });
  const number = at < 9 ? [element("kbd", at + 1), " "] : [];
  voice.append(...number, Object.assign(element("span", name), { className: "name" }));
  return voice;
}

const element = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
