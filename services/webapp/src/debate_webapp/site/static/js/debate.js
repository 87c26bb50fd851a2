// The debate page: connects the recording with its transcript. Each part does one job.
import { connectAssigning } from "./editing/assign.js";
import { connectChoices } from "./transcript/choices.js";
import { connectCommands } from "./saving/commands.js";
import { connectEditor } from "./editing/editor.js";
import { connectFind } from "./playing/find.js";
import { connectFollow } from "./playing/follow.js";
import { connectKeys } from "./editing/keys.js";
import { connectLinks } from "./playing/links.js";
import { connectMoments } from "./playing/moments.js";
import { connectPlayback } from "./playing/playback.js";
import { connectRenewal } from "./playing/renewal.js";
import { connectReshaping } from "./editing/reshape.js";
import { connectKnownVoices } from "./transcript/known.js";
import { connectSamples } from "./playing/samples.js";
import { connectSpeakers } from "./transcript/speakers.js";

const page = document.querySelector(".debate");
const player = document.querySelector("#player");

document.documentElement.classList.add("scripted");
connectFind(page);
if (player) {
  connectRenewal(player);
  const playback = connectPlayback(page, player);
  connectFollow(page, player, playback);
  connectLinks(page, player, playback);
  connectSamples(page, player);
}
if (page.querySelector(".edit-bar")) {
  const commands = connectCommands(page);
  const reshaping = connectReshaping(page, player, commands);
  const editor = connectEditor(page, commands, reshaping);
  connectSpeakers(page, commands);
  connectChoices(page);
  connectKnownVoices(page, player);
  connectMoments(page);
  connectKeys(page, player, { editor, reshaping, assigning: connectAssigning(page, commands), commands });
}
