// Keys: letters while a segment of the list has the focus, with Alt while typing in one.
import { focusOn, neighbour } from "../transcript/segments.js";

const STEP = 3;
const RATES = [0.5, 2.5];

export function connectKeys(page, player, { editor, reshaping, assigning, commands }) {
  const list = page.querySelector(".transcript");

  // Whoever pauses before it has begun interrupts it; that is no fault.
  const play = () => (player?.paused ? player.play().catch(() => {}) : player?.pause());
  const skip = (seconds) => { if (player) player.currentTime = Math.max(0, player.currentTime + seconds); };
  const speed = (by) => { if (player) player.playbackRate = Math.min(RATES[1], Math.max(RATES[0], player.playbackRate + by)); };
  const go = (segment, by) => focusOn(neighbour(segment, by));

  const PLAYING = { k: play, j: () => skip(-STEP), l: () => skip(STEP) };
  const LISTED = {
    ...PLAYING,
    ",": () => speed(-0.25),
    ".": () => speed(0.25),
    e: (segment) => editor.edit(segment),
    r: (segment) => editor.review(segment),
    u: (segment) => assigning.release(segment),
    n: (segment) => assigning.nextUncertain(segment),
    g: (segment) => assigning.nextUnnamed(segment),
    s: (segment) => reshaping.split(segment),
    m: (segment) => reshaping.merge(segment),
    "shift m": (segment) => reshaping.merge(segment, -1),
    arrowup: (segment) => go(segment, -1),
    arrowdown: (segment) => go(segment, 1),
  };
  // By the place of the key: with Alt some keyboards print other signs.
  const TYPED = { KeyK: play, KeyJ: PLAYING.j, KeyL: PLAYING.l, Minus: LISTED[","], Equal: LISTED["."] };

  function actionOf(event) {
    const typing = event.target.matches("input, textarea, select");
    const control = event.ctrlKey || event.metaKey;
    if (typing) return event.altKey && !control ? TYPED[event.code] : undefined;
    if (control && !event.altKey && event.key.toLowerCase() === "z") return event.shiftKey ? commands.redo : commands.undo;
    const key = event.key.toLowerCase();
    if (control || event.altKey) return undefined;
    if (/^[1-9]$/.test(key)) return (segment) => assigning.assign(segment, Number(key));
    return LISTED[event.shiftKey ? `shift ${key}` : key];
  }

  list.addEventListener("keydown", (event) => {
    const segment = event.target.closest(".segment");
    const action = actionOf(event);
    if (!action || (!segment && ![commands.undo, commands.redo].includes(action))) return;
    event.preventDefault();
    action(segment);
  });
}
