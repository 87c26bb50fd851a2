// The address of a recording on S3 lasts an hour, or as long as the site's own credentials, and a
// debate longer: when it is refused, the site is asked for a new one, and playing goes on.

const MOST = 2; // in a row, without anything played

export function connectRenewal(player) {
  const address = player.src;
  let times = 0;
  let plays = !player.paused; // a player that finds nothing to load says that it is paused

  function renew() {
    if (times === MOST) return;
    times += 1;
    const { currentTime, playbackRate } = player;
    // Another address than the one whose answer the browser keeps.
    player.src = `${address}?again=${Date.now()}`;
    player.addEventListener("loadedmetadata", () => {
      player.currentTime = currentTime;
      player.playbackRate = playbackRate;
      if (plays) player.play();
    }, { once: true });
  }

  player.addEventListener("play", () => { plays = true; });
  player.addEventListener("pause", () => { plays = false; });
  player.addEventListener("playing", () => { times = 0; });
  player.addEventListener("error", renew);
  if (player.error) renew(); // before this script was there
}
