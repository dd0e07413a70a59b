// @ts-check
/**
 * The elements of pictures and their groups.
 * @module
 */

/** @typedef {import("./labelling.js").Picture} Picture */

/**
 * Returns the element of a picture, without its label.
 * @param {Picture} picture
 */
export function tileOf(picture) {
  const tile = document.createElement("div"), image = document.createElement("img");
  const caption = document.createElement("span");
  tile.setAttribute("role", "option");
  tile.className = "tile";
  image.src = `picture/${picture.index}`;
  image.alt = "";
  image.draggable = false;
  image.addEventListener("load", () => image.classList.toggle("tiny", image.naturalWidth < 100));
  image.addEventListener("error", () => {
    // The picture has gone, or is damaged.
    const note = document.createElement("span");
    note.className = "unreadable";
    note.textContent = "cannot be read";
    image.replaceWith(note);
  });
  caption.className = "caption";
  tile.append(image, caption);
  return tile;
}

/**
 * Shows the label of a picture, or the guess if it has none.
 * @param {HTMLElement} tile
 * @param {Picture} picture
 */
export function showLabel(tile, { name, label, isSkipped, guesses: [guess] }) {
  const [kind, text] = isSkipped
    ? ["skipped", "skipped"]
    : label === null
    ? ["guess", guess ? `${guess.className} ?` : "?"]
    : label === ""
    ? ["none", "none of these"]
    : ["labelled", label];
  tile.className = `tile ${kind}`;
  const caption = /** @type {HTMLElement} */ (tile.querySelector(".caption"));
  if (caption.textContent !== text) caption.textContent = text;
  const state = kind === "guess" ? guess ? `guess ${guess.className}` : "no label" : `label ${text}`;
  tile.setAttribute("aria-label", `${name}, ${state}`);
}

/**
 * Returns the element of a group.
 * @param {readonly Picture[]} group
 * @param {number} i Place of the group.
 * @param {readonly HTMLElement[]} tiles Elements of its pictures.
 */
export function groupOf([first], i, tiles) {
  const element = document.createElement("div"), title = document.createElement("div");
  element.setAttribute("role", "group");
  element.className = "group";
  title.className = "group-title";
  title.id = `group-${i}`;
  const guess = first?.guesses[0];
  title.textContent = guess ? `guessed ${guess.className}` : "look alike";
  element.setAttribute("aria-labelledby", title.id);
  const row = document.createElement("div");
  row.className = "tiles-row";
  row.setAttribute("role", "presentation");
  row.append(...tiles);
  element.append(title, row);
  return element;
}
