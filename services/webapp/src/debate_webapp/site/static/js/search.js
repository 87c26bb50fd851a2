// Hits are played in place: one sound at a time, from the hit's beginning to its end.
const sound = new Audio();
const status = document.querySelector("#status");
let playing = null;

function stop() {
  playing?.setAttribute("aria-pressed", "false");
  playing = null;
  sound.pause();
}

function play(link) {
  stop();
  playing = link;
  link.setAttribute("aria-pressed", "true");
  const address = new URL(link.dataset.src, location.href).href;
  if (sound.src !== address) sound.src = address;
  const begin = () => { sound.currentTime = Number(link.dataset.start); };
  if (sound.readyState > 0) begin();
  else sound.addEventListener("loadedmetadata", begin, { once: true });
  sound.play().catch(() => {
    if (playing !== link) return;
    stop();
    status.textContent = "The recording cannot be played here; the link above opens it.";
  });
}

sound.addEventListener("timeupdate", () => {
  if (playing && sound.currentTime >= Number(playing.dataset.end)) stop();
});
sound.addEventListener("ended", stop);

for (const link of document.querySelectorAll("a.play")) {
  link.setAttribute("role", "button");
  link.setAttribute("aria-pressed", "false");
  link.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    link.click();
  });
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (playing === link) stop();
    else play(link);
  });
}
