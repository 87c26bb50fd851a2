// The debate page: connects the recording with its transcript. Each part does one job.
import { connectAssigning } from "./assign.js";
import { connectCommands } from "./commands.js";
import { connectEditor } from "./editor.js";
import { connectFind } from "./find.js";
import { connectFollow } from "./follow.js";
import { connectKeys } from "./keys.js";
import { connectLinks } from "./links.js";
import { connectMoments } from "./moments.js";
import { connectPlayback } from "./playback.js";
import { connectRenewal } from "./renewal.js";
import { connectReshaping } from "./reshape.js";
import { connectSamples } from "./samples.js";
import { connectSpeakers } from "./speakers.js";

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
  connectMoments(page);
  connectKeys(page, player, { editor, reshaping, assigning: connectAssigning(page, commands), commands });
}
