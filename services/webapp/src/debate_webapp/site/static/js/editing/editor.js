// Editing segments: each in a form of its own in the place of its text.
import { connectDrafts } from "./drafts.js";
import { openForm } from "./form.js";
import { idOf, isReviewed, seen } from "../transcript/segments.js";

/** Returns { edit, review }. */
export function connectEditor(page, commands, reshaping) {
  const template = page.querySelector("#segment-editor").content;
  const forms = new Map(); // by segment; those left are saving or in conflict
  const drafts = connectDrafts(page, edit);

  /** Opens a segment, with its draft if there is one, or goes to its form; the others are saved and close. */
  function edit(segment) {
    for (const [other, form] of forms) if (other !== segment) form.leave();
    if (!forms.has(segment)) open(segment);
    forms.get(segment).focus();
  }

  function open(segment) {
    const draft = drafts.of(segment);
    const closed = () => forms.delete(segment);
    forms.set(segment, openForm(segment, { page, template, commands, reshaping, drafts, draft, closed }));
  }

  const review = (segment) => commands.send("mark_reviewed", [seen(segment)], { reviewed: !isReviewed(segment) });

  page.addEventListener("click", (event) => {
    const segment = event.target.closest(".segment");
    if (event.target.closest(".edit")) edit(segment);
    if (event.target.closest(".review")) review(segment);
  });
  page.addEventListener("own", ({ detail: { id, version, now } }) => {
    for (const [segment, form] of forms) if (idOf(segment) === id) form.follow(version, now);
  });
  addEventListener("beforeunload", (event) => {
    if (commands.busy() || [...forms.values()].some((form) => form.isDirty())) event.preventDefault();
  });
  drafts.offerAll();
  return { edit, review };
}
