// Both voices are played in place.
import { connectExcerpts } from "./playing/excerpts.js";

const status = document.querySelector("#status");
connectExcerpts((text) => { status.textContent = text; })(document);
