// Keeps the segment that is being heard in view, until the reader scrolls away.

const MIDDLE = [0.2, 0.8];

export function connectFollow(page, player, playback) {
  const back = page.querySelector("#back-to-playhead");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let following = true;

  function show(segment) {
    if (!segment) return;
    const { top, bottom } = segment.getBoundingClientRect();
    const inside = top > innerHeight * MIDDLE[0] && bottom < innerHeight * MIDDLE[1];
    if (!inside) segment.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
  }

  function suspend() {
    if (!playback.current()) return;
    following = false;
    back.hidden = false;
  }

  function resume() {
    following = true;
    back.hidden = true;
    show(playback.current());
  }

  playback.onChange((segment) => following && show(segment));
  player.addEventListener("seeked", () => following && player.paused && show(playback.current()));
  back.addEventListener("click", () => {
    resume();
    playback.current()?.querySelector(".time").focus({ preventScroll: true });
  });
  // Only what a hand does counts as scrolling away; our own scrolling fires none of these.
  for (const event of ["wheel", "touchmove"]) addEventListener(event, suspend, { passive: true });
  addEventListener("keydown", (event) => {
    const scrolls = ["PageUp", "PageDown", "Home", "End", "ArrowUp", "ArrowDown"].includes(event.key);
    if (scrolls && !event.target.matches("input, textarea, select, video")) suspend();
  });
  addEventListener("pointerdown", (event) => {
    if (event.clientX >= document.documentElement.clientWidth) suspend(); // the scroll bar
  });
  page.addEventListener("click", (event) => event.target.closest("button.time, a[href^='#t=']") && resume());
}
