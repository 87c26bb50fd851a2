// The line that says how saving goes, and beside it whatever else there is to say.

// Which of the states stay in sight beside a remark.
const STAYING = ["saving", "waiting"];

/** Returns { say, show }. */
export function connectStatus(page) {
  const line = page.querySelector("#saving");
  let shown = { state: "", text: "" };

  /** A remark; it takes nothing away from what is on its way. */
  function say(remark) {
    const staying = STAYING.includes(shown.state);
    paint(staying ? `${remark} ${shown.text}` : remark);
  }

  /** "saving", "waiting", "saved", "conflict", "problem" or nothing, in words. */
  function show(state, text) {
    shown = { state, text };
    paint(text);
  }

  function paint(text) {
    line.textContent = text;
    line.dataset.state = shown.state;
    line.classList.toggle("problem", ["waiting", "conflict", "problem"].includes(shown.state));
  }

  return { say, show };
}

export const time = (date) => date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
