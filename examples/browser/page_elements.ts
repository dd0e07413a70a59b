/**
 * Elements of the page.
 * @module
 */

/** Returns the element of an id. @throws {Error} if the page has none of this kind. */
export function byId<T extends Element>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no ${kind.name} #${id}`);
  return found;
}

/** Returns a button of an id. */
export const button = (id: string): HTMLButtonElement => byId(id, HTMLButtonElement);

/** Shows a text in an element. */
export function say(id: string, text: string): void {
  byId(id, HTMLElement).textContent = text;
}

/** Shows or hides an element. */
export function show(id: string, isShown = true): void {
  byId(id, HTMLElement).hidden = !isShown;
}

/** Calls a function when a button is clicked; its errors are shown in an element. */
export function onClick(id: string, statusId: string, run: () => void | Promise<void>): void {
  button(id).addEventListener("click", () => void guarded(statusId, run));
}

/** Calls a function with the files of an input when some are chosen; its errors are shown in an element. */
export function onFiles(id: string, statusId: string, run: (files: readonly File[]) => Promise<void>): void {
  const input = byId(id, HTMLInputElement);
  input.addEventListener("change", () =>
    void guarded(statusId, async () => {
      const files = [...input.files ?? []];
      // The same files can be chosen again.
      input.value = "";
      await run(files);
    }));
}

/** Runs a function; its error is shown in an element. */
export async function guarded(statusId: string, run: () => void | Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    say(statusId, error instanceof Error ? error.message : String(error));
  }
}

/** Returns a share as a percentage, whose parts stay on one line. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)}\u00a0%`;
}

/** Returns a canvas with the pixels of an image of grey bytes. */
export function greyCanvas(pixels: Uint8Array, side: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const image = new ImageData(side, side);
  pixels.forEach((value, i) => image.data.set([value, value, value, 255], 4 * i));
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas;
}
