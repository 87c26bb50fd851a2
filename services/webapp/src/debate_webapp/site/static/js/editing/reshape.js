// Splitting a segment where the recording is, and merging it with a neighbour.
import { focusOn, idOf, neighbour, seen } from "../transcript/segments.js";

/** Returns { split, merge }. */
export function connectReshaping(page, player, commands) {
  const editing = (segment) => segment.classList.contains("editing");

  async function split(segment) {
    const { start, end } = segment.dataset;
    const time = player?.currentTime ?? -1;
    if (time <= Number(start) || time >= Number(end)) { commands.say("The recording is not in this segment: play it to where you want to split."); return; }
    const reply = await commands.send("split", [seen(segment)], { time });
    settle(reply, 1);
  }

  /** With the next segment, or with the one before (-1); the first one's speaker has both. */
  async function merge(segment, by = 1) {
    const other = neighbour(segment, by);
    if (!other) { commands.say(by > 0 ? "There is no segment after this one." : "There is no segment before this one."); return; }
    if (editing(segment) || editing(other)) { commands.say("Save or cancel the open segment first."); return; }
    const [first, second] = by > 0 ? [segment, other] : [other, segment];
    if (first.dataset.voice !== second.dataset.voice && !confirm(question(first, second))) return;
    const reply = await commands.send("merge", [seen(first), seen(second)], { other: idOf(second) });
    settle(reply, 0);
  }

  const question = (first, second) => `These segments have different speakers. All of it will be said by ${first.dataset.name}, nothing by ${second.dataset.name}. Merge them?`;

  function settle({ ok, body }, place) {
    if (ok) focusOn(page.querySelector(`#s${body.segments[place].id}`));
  }

  return { split, merge };
}
