// Files of one's own, sent in parts: what has arrived the server knows, so any part may be lost.
import { Away, Full, answerOf, ask, askWith, sendNext } from "./parts.js";

const SOON = 1_000;
const LATEST = 30_000; // between two tries, of which there are so many for one part
const TRIES = 40;

const files = document.querySelector("#files");
const form = files?.closest("form");
if (files) connect();

function connect() {
  files.hidden = false;
  const chosen = files.querySelector("input[type=file]");
  chosen.addEventListener("change", () => { take(chosen.files); chosen.value = ""; });
  for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
  addEventListener("dragover", () => files.classList.add("over"));
  addEventListener("dragleave", ({ relatedTarget }) => relatedTarget ?? files.classList.remove("over"));
  addEventListener("drop", ({ dataTransfer }) => { files.classList.remove("over"); take(dataTransfer.files); });
}

let before = Promise.resolve(); // one file after the other: they share one line
function take(list) {
  for (const file of list) {
    if (isThere(keyOf(file))) continue; // both would be one upload, gone with the first that is taken out
    const row = makeRow(file);
    before = before.then(() => send(file, row)).catch((error) => fail(row, error.message));
  }
}

const isThere = (key) => [...files.querySelectorAll(".uploads li")].some((row) => row.file === key);

function makeRow(file) {
  const row = document.createElement("li");
  row.file = keyOf(file);
  const name = document.createElement("strong");
  const said = document.createElement("span");
  const bar = document.createElement("progress");
  const stop = document.createElement("button");
  name.textContent = file.name;
  said.className = "hint";
  said.textContent = "waits for the file before";
  bar.max = file.size;
  bar.value = 0;
  bar.setAttribute("aria-label", `Upload of ${file.name}`);
  stop.type = "button";
  stop.className = "quiet";
  stop.textContent = "Take out";
  stop.setAttribute("aria-label", `Take out ${file.name}`);
  row.append(name, said, stop, bar);
  files.querySelector(".uploads").append(row);
  stop.addEventListener("click", () => takeOut(row, file));
  hold();
  return row;
}

async function send(file, row) {
  if (row.removed) return;
  let upload = await persist(row, () => opened(file));
  if (!upload) return;
  keep(file, upload.id);
  row.upload = upload;
  const from = { at: performance.now(), offset: upload.offset };
  while (!upload.complete) {
    upload = await persist(row, () => sendNext(file, upload, token()));
    if (!upload) return;
    show(row, upload, from);
  }
  done(row, upload);
}

/** The upload that this file began before a reload, if the server still has it, else a new one. */
async function opened(file) {
  const id = localStorage.getItem(keyOf(file));
  const known = id && await ask("GET", `${files.dataset.uploads}/${id}`, token());
  if (known && known.status !== 404) return answerOf(known);
  return answerOf(await askWith(files.dataset.uploads, token(), { name: file.name, size: file.size }));
}

/** What a step comes to, tried as long as there is hope, on a full disk for good; nothing once the file was taken out. */
async function persist(row, step) {
  for (let attempt = 0, pause = SOON; attempt < TRIES && !row.removed; pause = Math.min(2 * pause, LATEST)) {
    try {
      return await step();
    } catch (error) {
      if (![Away, Full, TypeError, DOMException].some((kind) => error instanceof kind)) throw error;
      const isFull = error instanceof Full;
      say(row, isFull ? `${error.message} It goes on by itself.` : "waits for the network", isFull);
      attempt += isFull ? 0 : 1;
    }
    await new Promise((then) => { setTimeout(then, pause); addEventListener("online", then, { once: true }); });
  }
  if (row.removed) return null;
  throw new Error("The server cannot be reached. Choose the file again to go on.");
}

function show(row, { offset, size }, from) {
  const seconds = (performance.now() - from.at) / 1000;
  const rate = (offset - from.offset) / seconds;
  row.querySelector("progress").value = offset;
  const left = rate > 0 ? `, ${Math.ceil((size - offset) / rate)} s left` : "";
  say(row, `${Math.floor((100 * offset) / size)} %, ${(rate / 1e6).toFixed(1)} MB/s${left}`);
}

function done(row, upload) {
  if (row.removed) return;
  row.querySelector("progress").remove();
  const field = Object.assign(document.createElement("input"), { type: "hidden", name: "uploads", value: upload.id });
  row.append(field);
  row.settled = true;
  say(row, "here; submit it below");
  hold();
}

function fail(row, message) {
  row.querySelector("progress")?.remove();
  row.settled = true;
  row.file = null; // chosen again it goes on
  say(row, message, true);
  hold();
}

function takeOut(row, file) {
  row.removed = true;
  row.remove();
  localStorage.removeItem(keyOf(file));
  if (row.upload) ask("DELETE", row.upload.self, token()).catch(() => {}); // else it goes by itself in a day
  hold();
}

function say(row, words, isProblem = false) {
  const said = row.querySelector("span");
  if (said.textContent === words) return; // said aloud it would be again
  said.className = isProblem ? "problem" : "hint";
  if (isProblem) said.setAttribute("role", "alert"); else said.removeAttribute("role");
  said.textContent = words;
}

/** Nothing is submitted while a file is on its way. */
function hold() {
  const rows = [...files.querySelectorAll(".uploads li")];
  form.querySelector("button.primary").disabled = rows.some((row) => !row.settled);
}

const token = () => form.elements.csrf_token.value;
const keyOf = ({ name, size, lastModified }) => `upload ${name} ${size} ${lastModified}`;
const keep = (file, id) => localStorage.setItem(keyOf(file), id);
