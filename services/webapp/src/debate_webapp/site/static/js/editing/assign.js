// Giving segments to speakers by number, and finding those that need a look.
import { focusOn, isReviewed, neighbour, seen } from "../transcript/segments.js";
import { voiceNumbered, voiceOf } from "../transcript/voices.js";

/** Returns { assign, release, nextUncertain, nextUnnamed }. */
export function connectAssigning(page, commands) {
  /** To the speaker with this number, 1 to 9: a person, or a label that has no name yet. */
  function assign(segment, number) {
    const voice = voiceNumbered(page, number);
    if (!voice) { commands.say(`There is no speaker ${number}.`); return; }
    const { voice: key, person } = voice.dataset;
    if (segment.dataset.voice === key) { commands.say(`This is ${nameOf(voice)}'s already.`); return; }
    give(segment, person ? { person } : { label: key });
  }

  /** To whoever its label says. */
  function release(segment) {
    if (segment.dataset.person) give(segment, { person: null });
    else commands.say("This segment goes by its label already.");
  }

  async function give(segment, change) {
    if (segment.classList.contains("editing")) { commands.say("Save or cancel the open segment first."); return; }
    const { ok, body } = await commands.send("assign_segment", [seen(segment)], change);
    if (ok) commands.say(`${body.segment.name}: saved`);
  }

  /** Goes to the next segment of a kind, from the top again after the last. */
  function go(segment, wanted, kind) {
    let next = segment;
    do next = neighbour(next, 1) ?? page.querySelector(".segment"); while (next !== segment && !wanted(next));
    if (next === segment && !wanted(segment)) commands.say(`No segment is ${kind}.`);
    else if (next === segment) commands.say(`No other segment is ${kind}.`);
    else focusOn(next);
  }

  const nameOf = (voice) => voice.querySelector(".name").textContent;
  const uncertain = (segment) => "uncertain" in segment.dataset && !isReviewed(segment);
  const unnamed = (segment) => !voiceOf(page, segment.dataset.voice)?.dataset.person;
  return {
    assign,
    release,
    nextUncertain: (segment) => go(segment, uncertain, "uncertain and not reviewed"),
    nextUnnamed: (segment) => go(segment, unnamed, "without a name"),
  };
}
