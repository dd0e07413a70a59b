// @ts-check
/**
 * Everything beside the pictures: classes with their keys and counts, training, the error over the rounds.
 * @module
 */
import { drawErrors, errorText } from "./chart.js";

/** @typedef {{ name: string, labels: number, tests: number }} CountedClass */

/**
 * Returns an element of the page.
 * @template {Element} [E=HTMLElement]
 * @param {string} id
 * @returns {E}
 */
export function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no ${id}`);
  return /** @type {E} */ (/** @type {unknown} */ (found));
}

/**
 * Shows the classes as buttons.
 * @param {readonly CountedClass[]} classes
 * @param {readonly (string | null)[]} keys
 * @param {readonly (string | null)[]} digits
 * @param {(name: string) => void} onChoose Receives the class of a button that is pressed.
 */
export function showClasses(classes, keys, digits, onChoose) {
  const list = element("classes");
  const names = JSON.stringify(classes.map(({ name }) => name));
  if (list.dataset["names"] !== names) {
    list.dataset["names"] = names;
    list.replaceChildren(...classes.map(({ name }, i) => classButton(name, [keys[i], digits[i]], onChoose)));
  }
  classes.forEach(({ labels, tests }, i) => {
    const count = list.children[i]?.querySelector(".count");
    if (!count) return;
    count.textContent = `${labels}`;
    count.setAttribute(
      "title",
      tests > 0 ? `${labels - tests} to train with, ${tests} to test with` : "labels",
    );
  });
}

/**
 * @param {string} name
 * @param {readonly (string | null | undefined)[]} keys
 * @param {(name: string) => void} onChoose
 */
function classButton(name, keys, onChoose) {
  const item = document.createElement("li"), button = document.createElement("button");
  button.type = "button";
  for (const key of keys) {
    if (!key) continue;
    const shown = document.createElement("kbd");
    shown.textContent = key.toUpperCase();
    button.append(shown);
  }
  const title = document.createElement("bdi"), count = document.createElement("span");
  title.textContent = name;
  count.className = "count";
  button.append(title, count);
  button.addEventListener("click", () => onChoose(name));
  item.append(button);
  return item;
}

/**
 * Shows the training and its rounds.
 * @param {any} state
 */
export function showTraining({ training, rounds, obstacle, isChoosing, classes }) {
  const train = /** @type {HTMLButtonElement} */ (element("train")), progress = element("progress");
  train.disabled = obstacle !== null;
  element("stop").hidden = training === null;
  progress.hidden = training === null;
  const tests = classes.reduce(
    (/** @type {number} */ sum, /** @type {CountedClass} */ each) => sum + each.tests,
    0,
  );
  element("training").textContent = training !== null
    ? `Round ${training.round}: step ${training.step}, ${time(training.seconds)}${
      training.minutes === null ? "" : ` of about ${time(60 * training.minutes)}`
    }. You can go on labelling.`
    : obstacle ??
      (isChoosing
          ? "Pictures are being chosen…"
          : rounds.length === 0
          ? "Trains with your labels and all other pictures, then asks for the pictures that the network is unsure of."
          : `Continues from round ${rounds.at(-1).number}.`) +
        (tests > 0 ? ` ${tests} labels only measure the error.` : "");
  if (training !== null) {
    const share = training.minutes === null ? null : training.seconds / (60 * training.minutes);
    if (share === null) progress.removeAttribute("value");
    else progress.setAttribute("value", `${Math.min(1, share)}`);
  }
  element("errors").hidden = rounds.length === 0;
  drawErrors(element("error-chart"), rounds);
  element("rounds").replaceChildren(
    ...rounds.map((/** @type {any} */ round) => rowOf([round.number, round.labels, errorText(round.error)])),
  );
}

/** @param {readonly (string | number)[]} cells */
function rowOf(cells) {
  const row = document.createElement("tr");
  row.append(...cells.map((cell, i) => {
    const element = document.createElement(i === 0 ? "th" : "td");
    if (i === 0) element.setAttribute("scope", "row");
    element.textContent = `${cell}`;
    return element;
  }));
  return row;
}

/** @param {number} seconds */
function time(seconds) {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}
