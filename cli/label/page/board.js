// @ts-check
/**
 * The pictures of a batch in their groups: focus, selection by keys and pointer.
 * @module
 */
import { groupOf, showLabel, tileOf } from "./tiles.js";

/** @typedef {import("./labelling.js").Picture} Picture */

/** Pictures with a focus and a selection. */
export class Board {
  /** @type {Picture[]} */
  #pictures = [];
  /** @type {number[]} Group of each picture. */
  #groups = [];
  /** @type {HTMLElement[]} */
  #tiles = [];
  /** @type {Set<number>} */
  #selected = new Set();
  #focus = 0;
  #anchor = 0;
  /** @type {number | null} Place at which a drag began. */
  #drag = null;
  #element;
  #onFocus;

  /**
   * @param {HTMLElement} element
   * @param {(picture: Picture | undefined) => void} onFocus Receives the picture in focus, also after its change.
   */
  constructor(element, onFocus) {
    this.#element = element;
    this.#onFocus = onFocus;
    element.addEventListener("pointerdown", (event) => this.#press(event));
    element.addEventListener("pointermove", (event) => this.#dragOver(event));
    addEventListener("pointerup", () => this.#drag = null);
    element.addEventListener("focusin", ({ target }) => {
      const at = this.#tiles.findIndex((tile) => tile === target);
      if (at >= 0 && at !== this.#focus) this.#moveTo(at);
    });
  }

  /** The picture in focus. */
  get focused() {
    return this.#pictures[this.#focus];
  }

  /** The selected pictures; without a selection, the one in focus. */
  get chosen() {
    const places = this.#selected.size > 0 ? [...this.#selected] : [this.#focus];
    return places.sort((a, b) => a - b).flatMap((at) => this.#pictures[at] ?? []);
  }

  /** The pictures of the group in focus. */
  get group() {
    return this.#pictures.filter((_, at) => this.#groups[at] === this.#groups[this.#focus]);
  }

  /**
   * Shows the groups of a new batch.
   * @param {readonly (readonly Picture[])[]} groups
   */
  deal(groups) {
    this.#pictures = groups.flat();
    this.#groups = groups.flatMap((group, i) => group.map(() => i));
    this.#selected.clear();
    this.#focus = this.#anchor = 0;
    this.#tiles = this.#pictures.map(tileOf);
    const tiles = this.#tiles.values();
    this.#element.replaceChildren(
      ...groups.map((group, i) => groupOf(group, i, group.flatMap(() => tiles.next().value ?? []))),
    );
    this.#mark();
  }

  /**
   * Shows the pictures with their present labels.
   * @param {readonly Picture[]} pictures The same pictures, in order.
   */
  update(pictures) {
    this.#pictures = [...pictures];
    this.#pictures.forEach((picture, at) => {
      const tile = this.#tiles[at];
      if (tile) showLabel(tile, picture);
    });
    this.#onFocus(this.focused);
  }

  /** Moves to the next picture without a label, from the last chosen one on. */
  advance() {
    const last = Math.max(this.#focus, ...this.#selected), { length } = this.#pictures;
    this.#selected.clear();
    for (let i = 1; i <= length; i++) {
      const at = (last + i) % length, picture = this.#pictures[at];
      if (picture && picture.label === null && !picture.isSkipped) return this.#moveTo(at, true);
    }
    this.#moveTo(last, true);
  }

  /**
   * Moves to a picture, if it is shown.
   * @param {number} index
   */
  show(index) {
    const at = this.#pictures.findIndex((picture) => picture.index === index);
    if (at >= 0) this.#moveTo(at, true);
  }

  /** Selects all pictures of the group in focus. */
  selectGroup() {
    this.#groups.forEach((group, at) => group === this.#groups[this.#focus] && this.#selected.add(at));
    this.#mark();
  }

  /** Selects the picture in focus, or no longer. */
  toggle() {
    if (!this.#selected.delete(this.#focus)) this.#selected.add(this.#focus);
    this.#anchor = this.#focus;
    this.#mark();
  }

  /** Selects nothing. */
  clear() {
    this.#selected.clear();
    this.#mark();
  }

  /**
   * Moves the focus by an arrow key.
   * @param {string} key
   * @param {boolean} isSelecting True to select the pictures on the way.
   */
  move(key, isSelecting) {
    const at = this.#neighbour(key);
    if (at === undefined) return;
    if (isSelecting) this.#selectTo(at);
    else this.#selected.clear();
    this.#moveTo(at, true, isSelecting);
  }

  /** @param {string} key */
  #neighbour(key) {
    const { length } = this.#tiles;
    if (key === "Home") return 0;
    if (key === "End") return length - 1;
    if (key === "ArrowRight") return Math.min(length - 1, this.#focus + 1);
    if (key === "ArrowLeft") return Math.max(0, this.#focus - 1);
    const own = this.#tiles[this.#focus]?.getBoundingClientRect();
    if (!own) return undefined;
    const sign = key === "ArrowDown" ? 1 : -1;
    const places = this.#tiles.map((tile, at) => {
      const { top, left } = tile.getBoundingClientRect(), down = sign * (top - own.top);
      return { at, down, far: Math.abs(left - own.left) };
    }).filter(({ down }) => down > 1);
    const nearest = Math.min(...places.map(({ down }) => down));
    return places.filter(({ down }) => down <= nearest + 1).sort((a, b) => a.far - b.far)[0]?.at;
  }

  /** @param {number} at */
  #selectTo(at) {
    this.#selected.clear();
    const [from, to] = at < this.#anchor ? [at, this.#anchor] : [this.#anchor, at];
    for (let place = from; place <= to; place++) this.#selected.add(place);
  }

  /**
   * @param {number} at
   * @param {boolean} [takesFocus]
   * @param {boolean} [keepsAnchor]
   * @param {boolean} [isByPointer] True to leave the page where it is, as pictures must not move under the pointer.
   */
  #moveTo(at, takesFocus = false, keepsAnchor = false, isByPointer = false) {
    this.#focus = at;
    if (!keepsAnchor) this.#anchor = at;
    this.#mark();
    if (takesFocus) this.#tiles[at]?.focus({ preventScroll: isByPointer });
    this.#onFocus(this.focused);
  }

  #mark() {
    this.#tiles.forEach((tile, at) => {
      tile.tabIndex = at === this.#focus ? 0 : -1;
      tile.setAttribute("aria-selected", `${this.#selected.has(at)}`);
      tile.toggleAttribute("data-focus", at === this.#focus);
    });
  }

  /** @param {Event} event */
  #placeOf({ target }) {
    const tile = target instanceof Element ? target.closest(".tile") : null;
    return this.#tiles.findIndex((each) => each === tile);
  }

  /** @param {PointerEvent} event */
  #press(event) {
    const at = this.#placeOf(event);
    if (at < 0 || event.button !== 0) return;
    event.preventDefault();
    // A finger scrolls when it moves, so that it selects one picture after another.
    const isAdding = event.ctrlKey || event.metaKey || event.pointerType === "touch";
    if (event.shiftKey) this.#selectTo(at);
    else if (isAdding) {
      if (!this.#selected.delete(at)) this.#selected.add(at);
    } else {
      this.#selected.clear();
      this.#drag = at;
    }
    this.#moveTo(at, true, event.shiftKey, true);
  }

  /** @param {PointerEvent} event */
  #dragOver(event) {
    const at = this.#placeOf(event);
    if (this.#drag === null || at < 0 || (at === this.#drag && this.#selected.size === 0)) return;
    this.#selected.add(this.#drag).add(at);
    this.#moveTo(at, true, true, true);
  }
}
