// Editing one segment: a plain textarea in the place of its text.
import { changedBy } from "./commands.js";
import { clockOf, focusOn, isReviewed, neighbour, paintRows, release, said } from "./segments.js";

const NEW = "+";

/** Returns { edit, review }. */
export function connectEditor(page, commands, reshaping) {
  const template = page.querySelector("#segment-editor").content;
  let open = null; // { segment, form, theirs }

  async function edit(segment) {
    if (open && open.segment !== segment && !await save()) return;
    if (!open) show(segment);
    open.form.elements.text.focus();
  }

  function show(segment) {
    const form = template.firstElementChild.cloneNode(true);
    const { text, person } = form.elements;
    form.ariaLabel = `Segment at ${clockOf(segment)}`;
    person.options[0].text = `By label: ${segment.dataset.label}`;
    segment.querySelector(".text").after(form);
    segment.classList.add("editing");
    open = { segment, form };
    text.value = said(segment);
    person.value = segment.dataset.person;
    listen(form);
    grow(text);
  }

  function listen(form) {
    const { text, person, name } = form.elements;
    form.addEventListener("submit", (event) => { event.preventDefault(); save(); });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.shiftKey ? split() : save();
    });
    text.addEventListener("input", () => grow(text));
    person.addEventListener("change", () => {
      name.hidden = person.value !== NEW;
      if (!name.hidden) name.focus();
    });
    form.querySelector(".cancel").addEventListener("click", close);
    form.querySelector(".keep").addEventListener("click", () => { settle(); save(); });
    form.querySelector(".take").addEventListener("click", take);
    form.querySelector(".split").addEventListener("click", split);
    form.querySelector(".merge").addEventListener("click", merge);
  }

  function grow(text) {
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight + 2}px`;
  }

  function close() {
    const { segment, form } = open;
    open = null;
    form.remove();
    segment.classList.remove("editing");
    segment.querySelector(".time").focus({ preventScroll: true });
    release(page, segment);
  }

  function take() {
    const { segment } = open;
    const row = settle();
    close();
    paintRows(page, [row]);
    if (!segment.isConnected) focusOn(page.querySelector(".segment"));
  }

  /** The commands that the form asks for, as [command, change]. */
  function changes() {
    const { segment, form: { elements: { text, person } } } = open;
    const asked = [];
    if (text.value.trim() !== said(segment)) asked.push(["edit_text", { text: text.value }]);
    if (person.value !== segment.dataset.person) asked.push(["assign_segment", { person: person.value || null }]);
    return asked;
  }

  /** Whether everything is saved and the form closed. */
  async function save() {
    const { segment, form } = open;
    if (form.elements.person.value === NEW && !await addPerson(form.elements)) return false;
    if (!await carryOut(changes())) return false;
    if (open?.form === form) close();
    return true;
  }

  /** Whether all of it is saved. */
  async function carryOut(asked) {
    const { segment, form } = open;
    for (const [command, change] of asked) {
      const { ok, body } = await commands.send(command, [segment], change);
      if (!ok && body.current && open?.form === form) disagree(body);
      if (!ok) return false;
      segment.dataset.version = body.segment.version; // it stays as it is typed until the form closes
    }
    return true;
  }

  /** At the caret; what was typed is saved with it. */
  async function split() {
    const { segment, form: { elements: { text, person } } } = open;
    if (person.value === NEW) { commands.say("Save the new speaker first."); return; }
    const texts = [text.value.slice(0, text.selectionStart), text.value.slice(text.selectionStart)];
    const speaker = changes().filter(([command]) => command === "assign_segment");
    if (!await carryOut([...speaker, ["split", { texts }]])) return;
    close();
    focusOn(neighbour(segment, 1));
  }

  async function merge() {
    const { segment } = open;
    if (await save()) reshaping.merge(segment);
  }

  async function addPerson({ person, name }) {
    const wanted = name.value.trim().toLowerCase();
    let choice = [...person.options].find((option) => option.text.toLowerCase() === wanted)?.value;
    if (!choice) {
      const { ok, body } = await commands.addPerson(name.value);
      if (!ok) return false;
      choice = body.slug;
      for (const list of [person, template.querySelector("select")]) list.add(new Option(body.name, body.slug), list.options.length - 1);
    }
    person.value = choice;
    name.hidden = true;
    return true;
  }

  function disagree(body) {
    const conflict = open.form.querySelector(".conflict");
    open.theirs = body.current;
    const { removed, name, text } = body.current;
    conflict.querySelector(".who").textContent = `${changedBy(body)}.${removed ? "" : ` Saved is now, for ${name}:`}`;
    conflict.querySelector("blockquote").textContent = removed ? "Copy what you want to keep: your text has no place any more." : text || "(no words)";
    conflict.querySelector(".keep").hidden = removed;
    conflict.hidden = false;
    conflict.querySelector("button").focus();
  }

  /** From here on their row is the one that was seen; returns it. */
  function settle() {
    open.form.querySelector(".conflict").hidden = true;
    open.segment.dataset.version = open.theirs.version;
    return open.theirs;
  }

  page.addEventListener("click", (event) => {
    const segment = event.target.closest(".segment");
    if (event.target.closest(".edit")) edit(segment);
    if (event.target.closest(".review")) review(segment);
  });
  addEventListener("beforeunload", (event) => open && changes().length && event.preventDefault());

  async function review(segment) {
    const { body } = await commands.send("mark_reviewed", [segment], { reviewed: !isReviewed(segment) });
    if (body.current) paintRows(page, [body.current]);
  }

  return { edit, review };
}
