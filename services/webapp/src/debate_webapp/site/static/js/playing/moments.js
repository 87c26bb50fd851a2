// Where a voice begins to speak, listed when somebody unfolds it; after edits it comes without.
import { clockOf, neighbour, said } from "../transcript/segments.js";

const LENGTH = 60;

export function connectMoments(page) {
  page.addEventListener("toggle", ({ target }) => {
    const list = target.querySelector?.(".moments[data-voice]:empty");
    if (list && target.open) list.replaceChildren(...beginnings(list.dataset.voice).map(item));
  }, true);

  function beginnings(voice) {
    const own = page.querySelectorAll(`.segment[data-voice="${CSS.escape(voice)}"]`);
    return [...own].filter((segment) => neighbour(segment, -1)?.dataset.voice !== voice);
  }

  function item(segment) {
    const text = said(segment);
    const link = Object.assign(document.createElement("a"), { textContent: clockOf(segment) });
    link.href = `#t=${Number(Number(segment.dataset.start).toFixed(1))}`;
    const line = document.createElement("li");
    line.append(link, ` ${text.length > LENGTH ? `${text.slice(0, LENGTH - 1)}…` : text}`);
    return line;
  }
}
