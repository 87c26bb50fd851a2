// Keeps the segment that is being heard in view, until the reader scrolls away.

// While playing, the segment is kept out of this share of the view at the top and at the bottom.
const MARGIN = 0.2;

export function connectFollow(page, player, playback) {
  const back = page.querySelector("#back-to-playhead");
  const stage = page.querySelector(".stage");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let following = true;

  function show(segment) {
    if (!segment || page.querySelector(".segment form")) return; // nobody is scrolled away from typing
    const { top, bottom } = segment.getBoundingClientRect();
    const covered = innerWidth < 1100 ? stage.getBoundingClientRect().bottom : 0;
    const margin = player.paused ? 0 : (innerHeight - covered) * MARGIN;
    const inside = top >= covered + margin && bottom <= innerHeight - margin;
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
  }

  playback.onChange((segment) => following && show(segment));
  player.addEventListener("seeked", () => following && player.paused && show(playback.current()));
  back.addEventListener("click", () => {
    resume();
    show(playback.current());
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
  page.addEventListener("click", (event) => event.target.closest("button.time, .lane rect, a[href^='#t=']") && resume());
}
