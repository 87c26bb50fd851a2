// Seeking by the time buttons, and marking the segment that is being heard.
import { clock, indexAt } from "./timeline.js";

/** Returns { seek, current, onChange }: the one place that knows which segment is playing. */
export function connectPlayback(page, player) {
  const now = page.querySelector("#now");
  const listeners = [];
  let segments = [];
  let starts = [];
  let at = -1;
  let begun = false; // before the first play or seek nothing is being heard

  /** Edits split, merge and move segments. */
  function read() {
    segments[at]?.removeAttribute("aria-current");
    segments = [...page.querySelectorAll(".segment")];
    starts = Float64Array.from(segments, (segment) => Number(segment.dataset.start));
    at = -1;
    if (begun) mark();
  }

  function mark() {
    const next = indexAt(starts, player.currentTime + 0.05);
    if (next === at) return;
    segments[at]?.removeAttribute("aria-current");
    segments[next]?.setAttribute("aria-current", "true");
    at = next;
    listeners.forEach((listener) => listener(segments[at]));
  }

  function update() {
    const length = Number.isFinite(player.duration) ? ` / ${clock(player.duration)}` : "";
    now.textContent = clock(player.currentTime) + length;
    page.style.setProperty("--playhead", length ? player.currentTime / player.duration : 0);
    begun ||= player.currentTime > 0 || !player.paused;
    if (begun) mark();
  }

  function frame() {
    update();
    if (!player.paused) requestAnimationFrame(frame);
  }

  function seek(seconds) {
    begun = true;
    player.currentTime = seconds;
  }

  read();
  page.addEventListener("segments", read);
  player.addEventListener("play", () => requestAnimationFrame(frame));
  for (const event of ["seeking", "timeupdate", "loadedmetadata"]) player.addEventListener(event, update);
  page.addEventListener("click", (event) => {
    const place = event.target.closest("button.time")?.closest(".segment") ?? event.target.closest(".lane rect");
    if (!place) return;
    const start = Number(place.dataset.start);
    seek(start);
    history.replaceState(null, "", `#t=${Number(start.toFixed(1))}`);
  });
  return { seek, current: () => segments[at], onChange: (listener) => listeners.push(listener) };
}
