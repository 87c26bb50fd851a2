// One segment of the list as data: what it says, whose it is, and showing what was saved.

export const idOf = (segment) => Number(segment.id.slice(1));
export const clockOf = (segment) => segment.querySelector(".time").textContent;
export const isReviewed = (segment) => segment.querySelector(".review").ariaPressed === "true";

/** The text without the mark for overlap. */
export function said(segment) {
  const parts = [...segment.querySelector(".text").childNodes];
  return parts.filter((part) => part.nodeType === Node.TEXT_NODE).map((part) => part.data).join("").trim();
}

/** Shows a row of the API; names of neighbours and figures come with the next refresh. */
export function paint(segment, row) {
  const text = segment.querySelector(".text");
  const overlap = text.querySelector(".overlap");
  text.replaceChildren(row.text, ...(overlap ? [" ", overlap] : []));
  segment.dataset.version = row.version;
  segment.dataset.person = row.own_person ?? "";
  segment.querySelector(".review").ariaPressed = String(row.reviewed);
}
