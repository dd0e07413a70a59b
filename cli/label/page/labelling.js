// @ts-check
/**
 * Labels as the page shows them: those of the command, and changes that are on their way to it.
 * @module
 */
import { send } from "../../web/page/connection.js";

/** @typedef {{ index: number, name: string, label: string | null, isSkipped: boolean, isTest: boolean, guesses: { className: string, probability: number }[] }} Picture */
/** @typedef {{ index: number, before: string | null, wasSkipped: boolean }} Before */

/** Changes labels one after another, and takes changes back. */
export class Labelling {
  /** Changes that the command has not confirmed, by picture. @type {Map<number, { label: string | null, isSkipped: boolean }>} */
  #pending = new Map();
  /** @type {{ pictures: Before[], label: string | null, isSkipped: boolean }[]} */
  #done = [];
  /** @type {Promise<void>} */
  #queue = Promise.resolve();
  #onChange;
  #onFailure;

  /**
   * @param {() => void} onChange Called when a label is shown differently.
   * @param {(text: string) => void} onFailure Receives reasons why labels were not changed.
   */
  constructor(onChange, onFailure) {
    this.#onChange = onChange;
    this.#onFailure = onFailure;
  }

  /** True if there is a change to take back. */
  get canUndo() {
    return this.#done.length > 0;
  }

  /** Fulfilled when the command has confirmed all changes so far. */
  get settled() {
    return this.#queue;
  }

  /** True if the command has not confirmed all changes. */
  get isPending() {
    return this.#pending.size > 0;
  }

  /**
   * Returns a picture with the changes that are on their way.
   * @param {Picture} picture
   * @returns {Picture}
   */
  shown(picture) {
    const change = this.#pending.get(picture.index);
    return change ? { ...picture, ...change } : picture;
  }

  /**
   * Gives pictures a label.
   * @param {readonly Picture[]} pictures
   * @param {string | null} label Class, empty for none of the classes, null for no label.
   * @param {boolean} isSkipped True to put the pictures off.
   */
  change(pictures, label, isSkipped = false) {
    if (pictures.length === 0) return;
    const before = pictures.map((each) => this.shown(each))
      .map((each) => ({ index: each.index, before: each.label, wasSkipped: each.isSkipped }));
    this.#done.push({ pictures: before, label, isSkipped });
    this.#send(before.map(({ index, before }) => ({ index, seen: before })), label, isSkipped);
  }

  /**
   * Takes the last change back.
   * @returns {number[]} The pictures.
   */
  undo() {
    const last = this.#done.pop();
    if (!last) return [];
    const groups = Map.groupBy(
      last.pictures,
      ({ before, wasSkipped }) => JSON.stringify([before, wasSkipped]),
    );
    for (const [key, pictures] of groups) {
      const [label, isSkipped] = JSON.parse(key);
      this.#send(pictures.map(({ index }) => ({ index, seen: last.label })), label, isSkipped);
    }
    return last.pictures.map(({ index }) => index);
  }

  /**
   * @param {{ index: number, seen: string | null }[]} pictures
   * @param {string | null} label
   * @param {boolean} isSkipped
   */
  #send(pictures, label, isSkipped) {
    const change = { label, isSkipped };
    for (const { index } of pictures) this.#pending.set(index, change);
    this.#onChange();
    this.#queue = this.#queue.then(async () => {
      try {
        const { conflicts } = await send("label", { pictures, label, isSkip: isSkipped });
        if (conflicts.length > 0) {
          this.#onFailure(
            `${
              conflicts.length === 1 ? "A picture was" : `${conflicts.length} pictures were`
            } labelled elsewhere meanwhile, and kept that label.`,
          );
        }
      } catch (error) {
        this.#onFailure(error instanceof Error ? error.message : String(error));
      }
      for (const { index } of pictures) if (this.#pending.get(index) === change) this.#pending.delete(index);
      this.#onChange();
    });
  }
}
