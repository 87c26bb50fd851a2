// "Sample" plays a few seconds of a voice and then puts the player back where it was.

export function connectSamples(page, player) {
  let running = null;

  function stop() {
    if (!running) return;
    player.removeEventListener("timeupdate", running.check);
    running.button.removeAttribute("aria-pressed");
    player.pause();
    player.currentTime = running.before;
    running = null;
  }

  function start(button) {
    const { start: from, end } = button.dataset;
    const check = () => player.currentTime >= Number(end) && stop();
    running = { button, check, before: player.currentTime };
    button.setAttribute("aria-pressed", "true");
    player.currentTime = Number(from);
    player.addEventListener("timeupdate", check);
    player.play();
  }

  for (const sample of page.querySelectorAll("a.sample")) {
    sample.setAttribute("role", "button");
    sample.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      sample.click();
    });
  }
  page.addEventListener("click", (event) => {
    const button = event.target.closest("a.sample");
    if (!button) return;
    event.preventDefault();
    const again = running?.button === button;
    stop();
    if (!again) start(button);
  });
}
