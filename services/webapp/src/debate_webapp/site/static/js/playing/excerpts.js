// Excerpts of recordings, played in place: one sound at a time, from its beginning to its end.

/**
 * How to make every `a.play` within an element a button. `say` is told what cannot be played, and
 * `begin` that something is.
 */
export function connectExcerpts(say, begin = () => {}) {
  const sound = new Audio();
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
    const seek = () => { sound.currentTime = Number(link.dataset.start); };
    if (sound.readyState > 0) seek();
    else sound.addEventListener("loadedmetadata", seek, { once: true });
    begin();
    sound.play().catch(() => {
      if (playing !== link) return;
      stop();
      say("The recording cannot be played here; the link above opens it.");
    });
  }

  sound.addEventListener("timeupdate", () => {
    if (playing && sound.currentTime >= Number(playing.dataset.end)) stop();
  });
  sound.addEventListener("ended", stop);

  function press(link) {
    if (playing === link) stop();
    else play(link);
  }

  return function connect(within) {
    for (const link of within.querySelectorAll("a.play")) makeButton(link, press);
  };
}

function makeButton(link, press) {
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
    press(link);
  });
}
