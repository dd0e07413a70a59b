// @ts-check
/**
 * The labelling page.
 * @module
 */
import { Board } from "./board.js";
import { classKeys, digitKeys } from "./class_keys.js";
import { nextStep, placesText } from "./hints.js";
import { follow, send } from "../../web/page/connection.js";
import { Labelling } from "./labelling.js";
import { element, showClasses, showTraining } from "./panel.js";

/** @type {any} State of the command, as it was received last. */
let state;
let batch = 0;
/** @type {(string | null)[]} */
let keys = [];
/** @type {(string | null)[]} */
let digits = [];

const board = new Board(element("board"), showLarge);
const labelling = new Labelling(showPictures, fail);

/** @param {string | null} text */
function fail(text) {
  const failure = element("failure");
  failure.hidden = text === null || text === "";
  failure.textContent = text;
}

/** @param {any} next */
function receive(next) {
  const isFirst = state === undefined;
  state = next;
  element("title").textContent = state.title;
  document.title = `Label ${state.title} – Mean Teacher`;
  const names = state.classes.map((/** @type {{ name: string }} */ each) => each.name);
  keys = classKeys(names);
  digits = digitKeys(keys);
  showClasses(state.classes, keys, digits, label);
  element("new-class").hidden = !state.takesClasses;
  element("files").textContent = placesText(state);
  showTraining(state);
  if (isFirst || state.failure) fail(state.failure);
  if (batch !== state.batch.number) {
    batch = state.batch.number;
    board.deal(state.batch.groups);
    showPictures();
    if (!isTyping(document.activeElement)) board.show(board.focused?.index ?? -1);
  } else showPictures();
}

function showPictures() {
  if (!state) return;
  /** @type {import("./labelling.js").Picture[]} */
  const pictures = state.batch.groups.flat().map((/** @type {any} */ each) => labelling.shown(each));
  board.update(pictures);
  const left = pictures.filter(({ label, isSkipped }) => label === null && !isSkipped).length;
  const total = state.classes.reduce(
    (/** @type {number} */ sum, /** @type {any} */ each) => sum + each.labels,
    0,
  );
  element("status").textContent = state.isChoosing
    ? "Choosing pictures…"
    : `${left} of ${pictures.length} to label here, ${state.unlabelled} without a label in all; ${total} labels`;
  const isFresh = !state.isChoosing && state.training === null &&
    state.batch.round !== (state.rounds.at(-1)?.number ?? 0);
  element("hint").textContent = nextStep(state, left, isFresh);
  const empty = element("empty");
  empty.hidden = state.isChoosing || pictures.length > 0;
  empty.textContent = state.unlabelled === 0
    ? "All pictures have labels."
    : "No more pictures to choose. Skipped ones come again when the command is started anew.";
  element("large").hidden = pictures.length === 0;
  /** @type {HTMLButtonElement} */ (element("undo")).disabled = !labelling.canUndo;
}

/** @param {import("./labelling.js").Picture | undefined} picture */
function showLarge(picture) {
  const image = /** @type {HTMLImageElement} */ (element("large-picture"));
  image.hidden = picture === undefined;
  if (!picture) return;
  const source = `picture/${picture.index}`;
  if (image.getAttribute("src") !== source) image.src = source;
  image.alt = picture.name;
  element("large-name").textContent = picture.name;
  const guesses = picture.guesses.map(({ className, probability }) =>
    `${className} ${Math.min(99, Math.round(100 * probability))} %`
  ).join(", ");
  element("large-guesses").textContent = [
    picture.label ? `label: ${picture.label}` : picture.label === "" ? "none of these" : "",
    guesses === "" ? "" : `guess: ${guesses}`,
    picture.isTest ? "measures the error" : "",
  ].filter((text) => text !== "").join(" · ");
}

/** @param {string} name */
function label(name) {
  fail(null);
  labelling.change(board.chosen, name);
  board.advance();
}

/** @param {readonly import("./labelling.js").Picture[]} pictures */
function acceptGuesses(pictures) {
  const guessed = pictures.filter(({ guesses }) => guesses.length > 0);
  if (guessed.length === 0) return fail("There is no guess yet: choose a class, or add one with +.");
  fail(null);
  const groups = Map.groupBy(guessed, ({ guesses }) => guesses[0]?.className ?? "");
  for (const [name, some] of groups) labelling.change(some, name);
  board.advance();
}

/** @param {string} path @param {unknown} [value] */
async function ask(path, value = {}) {
  try {
    fail(null);
    return await send(path, value);
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
}

const actions = {
  accept: () => acceptGuesses(board.chosen),
  acceptGroup: () => acceptGuesses(board.group),
  none: () => {
    labelling.change(board.chosen, "");
    board.advance();
  },
  skip: () => {
    labelling.change(board.chosen, null, true);
    board.advance();
  },
  remove: () => labelling.change(board.chosen, null),
  undo: () => {
    const [first] = labelling.undo();
    if (first !== undefined) board.show(first);
  },
  // Both count on the labels that were given before.
  next: async () => {
    await labelling.settled;
    await ask("next", { number: batch });
  },
  train: async () => {
    await labelling.settled;
    await ask("train");
  },
  stop: () => ask("stop"),
};

/** @type {Record<string, (event: KeyboardEvent) => void>} */
const commands = {
  Enter: ({ shiftKey }) => shiftKey ? actions.acceptGroup() : actions.accept(),
  "-": actions.none,
  ".": actions.skip,
  Backspace: actions.undo,
  Delete: actions.remove,
  "]": actions.next,
  PageDown: actions.next,
  "+": () => element("class-name").focus(),
  " ": () => board.toggle(),
  Escape: () => board.clear(),
  ...Object.fromEntries(
    ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].map((key) => [
      key,
      (/** @type {KeyboardEvent} */ { shiftKey }) => board.move(key, shiftKey),
    ]),
  ),
};

/** @param {Element | null} target */
function isTyping(target) {
  return target instanceof HTMLInputElement;
}

/** Returns whether a key belongs to the element in focus, such as Enter on a button. @param {KeyboardEvent} event */
function isForElement({ key, target }) {
  if (!(target instanceof Element)) return false;
  return isTyping(target) || (key === "Enter" || key === " ") && target.closest("button, summary") !== null;
}

addEventListener("keydown", (event) => {
  if (!state || event.altKey || event.isComposing) return;
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand) {
    const key = event.key.toLowerCase();
    const action = { enter: actions.train, z: actions.undo, a: () => board.selectGroup() }[key];
    if (!action || isTyping(document.activeElement) && key !== "enter") return;
    event.preventDefault();
    return void action();
  }
  if (isForElement(event)) return;
  const command = commands[event.key];
  const at = command ? -1 : classOfKey(event.key.toLowerCase());
  if (!command && at < 0) return;
  event.preventDefault();
  if (command) command(event);
  else label(state.classes[at].name);
});

/** @param {string} key */
function classOfKey(key) {
  const own = keys.indexOf(key);
  return own >= 0 ? own : digits.indexOf(key);
}

element("new-class").addEventListener("submit", (event) => {
  event.preventDefault();
  const input = /** @type {HTMLInputElement} */ (element("class-name")), name = input.value.trim();
  if (name === "" || !board.focused) return;
  input.value = "";
  // The pictures that the class was added for.
  label(name);
});
element("class-name").addEventListener("keydown", ({ key }) => {
  if (key === "Escape" && board.focused) board.show(board.focused.index);
});
for (const name of /** @type {const} */ (["accept", "none", "skip", "undo", "next", "train", "stop"])) {
  element(name).addEventListener("click", () => void actions[name]());
}

// Changes wait for each other, so that a page must not be closed before the last one is saved.
addEventListener("beforeunload", (event) => labelling.isPending && event.preventDefault());

let hasEnded = false;
const source = follow("events", {
  state: receive,
  end: () => {
    hasEnded = true;
    source.close();
    fail("The command has ended. All labels are saved; start it again to continue.");
  },
}, (isConnected) => {
  document.body.classList.toggle("offline", !isConnected);
  if (!isConnected && !hasEnded) fail("The command does not answer. All labels so far are saved.");
  else if (isConnected) fail(null);
});
