// Says so, with the way to the newer one, when the version that is open was replaced meanwhile.

/** Shows or takes back the notice by a reply of the API; what is typed in open forms stays. */
export function noteSuperseded(page, body) {
  const notice = page.querySelector("#superseded");
  if (!notice || !("superseded" in body)) return;
  const instead = body.superseded;
  if (notice.dataset.version === String(instead?.version ?? "")) return;
  notice.dataset.version = instead?.version ?? "";
  notice.hidden = !instead;
  notice.replaceChildren(...(instead ? say(instead) : []));
}

function say({ version, page }) {
  const link = Object.assign(document.createElement("a"), { href: page, textContent: `version ${version}` });
  return ["This version was replaced by ", link, ". Nothing more can be saved here; copy what you have typed and open that one."];
}
