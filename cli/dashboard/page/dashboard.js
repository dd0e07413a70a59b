// @ts-check
/**
 * The page of the dashboard: shows the parts that the command sends, and sends its buttons' requests.
 * @module
 */
import { follow, send } from "../../web/page/connection.js";

/** @typedef {{ state: "running" | "paused" | "stopping" | "ended", name: string, share: number, figures: [string, string][], answer: string }} Progress */

const states = {
  running: "Training",
  paused: "Paused",
  stopping: "Stopping …",
  ended: "Training has ended",
};

/** Texts of the parts by their names. @type {Map<string, string>} */
const parts = new Map();
let isPaused = false, isStopAsked = false;

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no element ${id}`);
  return found;
}

/** @param {string} id */
function button(id) {
  return /** @type {HTMLButtonElement} */ (element(id));
}

/** Replaces the content of an element; details that were open stay open. @param {Element} target @param {string} text */
function replace(target, text) {
  const open = [...target.querySelectorAll("details")].map((each) => each.open);
  target.innerHTML = text;
  for (const [i, each] of [...target.querySelectorAll("details")].entries()) {
    if (open[i] !== undefined) each.open = open[i];
  }
}

/** @param {{ id: string, html: string }} part */
function showPart({ id, html }) {
  if (parts.get(id) === html) return;
  parts.set(id, html);
  const place = document.querySelector(`[data-part="${CSS.escape(id)}"]`);
  if (place) replace(place, html);
}

let layout = "";

/** @param {{ html: string }} event */
function showLayout({ html }) {
  if (html === layout || html === "") return;
  layout = html;
  replace(element("main"), html);
  for (const place of document.querySelectorAll("[data-part]")) {
    replace(place, parts.get(/** @type {HTMLElement} */ (place).dataset["part"] ?? "") ?? "");
  }
  const heading = document.querySelector("h1")?.textContent ?? "";
  document.title = `${heading} – Mean Teacher`;
}

/** @param {Progress} progress */
function showProgress({ state, name, share, figures, answer }) {
  element("live").hidden = false;
  element("state").textContent = states[state];
  element("name").textContent = name;
  /** @type {HTMLProgressElement} */ (element("bar")).value = share;
  element("answer").textContent = answer;
  element("figures").replaceChildren(...figures.map(([title, value]) => {
    const row = document.createElement("div"), term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = title;
    text.textContent = value;
    row.append(term, text);
    return row;
  }));
  isPaused = state === "paused";
  const isOver = state === "stopping" || state === "ended";
  button("pause").textContent = isPaused ? "Continue" : "Pause";
  for (const id of ["pause", "checkpoint", "stop"]) button(id).disabled = isOver;
}

/** @param {string} path @param {unknown} value */
async function ask(path, value) {
  try {
    await send(path, value);
  } catch (error) {
    element("answer").textContent = error instanceof Error ? error.message : String(error);
  }
}

button("pause").addEventListener("click", () => ask("pause", { paused: !isPaused }));
button("checkpoint").addEventListener("click", () => ask("checkpoint", {}));
button("stop").addEventListener("click", () => {
  const stop = button("stop");
  if (isStopAsked) {
    ask("stop", {});
    return;
  }
  // A second click, so that no slip ends a long run.
  isStopAsked = true;
  stop.textContent = "Really stop?";
  setTimeout(() => {
    isStopAsked = false;
    stop.textContent = "Stop";
  }, 4000);
});

element("main").addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target).closest("button[data-examine]");
  if (!(target instanceof HTMLButtonElement)) return;
  target.disabled = true;
  target.textContent = "Classifying …";
  send("examine", { run: target.dataset["examine"] }).catch((error) => {
    target.textContent = error instanceof Error ? error.message : String(error);
  });
});

follow("events", { part: showPart, layout: showLayout, progress: showProgress }, (isConnected) => {
  const text = element("connection");
  text.hidden = isConnected;
  text.textContent = isConnected
    ? ""
    : "The command does not answer: it has ended, or is busy. What it last sent stays here; once the run has ended, mean-teacher dashboard RUN shows it again.";
});
