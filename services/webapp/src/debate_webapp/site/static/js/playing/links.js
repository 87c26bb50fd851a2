// Addresses of moments: #t=12.3 seeks on opening and on every click; "Copy link" makes one.
import { clock, timeIn } from "./timeline.js";

export function connectLinks(page, player, playback) {
  const copy = page.querySelector("#copy-link");
  const status = page.querySelector("#status");

  function follow() {
    const seconds = timeIn(location.hash);
    if (seconds === null) return;
    if (player.readyState > 0) playback.seek(seconds);
    else player.addEventListener("loadedmetadata", () => playback.seek(seconds), { once: true });
  }

  addEventListener("hashchange", follow);
  // A second click on the same link changes no address, so it is followed here.
  page.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    const address = link?.getAttribute("href") ?? "";
    if (address && address === location.hash) follow();
  });
  copy.addEventListener("click", async () => {
    const seconds = Number(player.currentTime.toFixed(1));
    const address = new URL(`#t=${seconds}`, location.href).href;
    history.replaceState(null, "", `#t=${seconds}`);
    try {
      await navigator.clipboard.writeText(address);
      status.textContent = copy.textContent = `Link to ${clock(seconds)} copied`;
    } catch {
      status.textContent = copy.textContent = "The address above is the link";
    }
    setTimeout(() => { copy.textContent = "Copy link to this moment"; }, 2500);
  });
  follow();
}
