/**
 * Pads to draw digits on.
 * @module
 */
import type { RgbaImage } from "../../browser.ts";
import { byId } from "./page_elements.ts";

/** Side of a digit, and of the box that its strokes fill, in pixels: those of MNIST. */
const side = 28, box = 20;

/** A canvas that a pointer draws on in white. */
export class DrawingPad {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  #last: readonly [number, number] | undefined;

  /** @param onStroke Is called after each stroke. */
  constructor(id: string, onStroke: () => void = () => {}) {
    this.#canvas = byId(id, HTMLCanvasElement);
    const context = this.#canvas.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("The browser has no 2D canvas.");
    this.#context = context;
    this.#canvas.addEventListener("pointerdown", (event) => {
      this.#canvas.setPointerCapture(event.pointerId);
      this.#last = this.#placeOf(event);
      this.#lineTo(this.#last);
    });
    this.#canvas.addEventListener("pointermove", (event) => {
      if (this.#last) this.#lineTo(this.#placeOf(event));
    });
    for (const name of ["pointerup", "pointercancel"] as const) {
      this.#canvas.addEventListener(name, () => {
        if (this.#last) onStroke();
        this.#last = undefined;
      });
    }
    this.clear();
  }

  /** Removes all strokes. */
  clear(): void {
    this.#context.fillStyle = "#000";
    this.#context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  /**
   * Returns the drawn digit in the form of MNIST: its strokes fill a box of 20×20 pixels, and their centre of mass is
   * the centre of 28×28 pixels; undefined if nothing is drawn.
   */
  digit(): RgbaImage | undefined {
    const { width, height } = this.#canvas;
    const { data } = this.#context.getImageData(0, 0, width, height);
    const bright = (x: number, y: number) => data[4 * (y * width + x)] ?? 0;
    let [minX, maxX, minY, maxY] = [width, -1, height, -1], mass = 0, sumX = 0, sumY = 0;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const value = bright(x, y);
        if (value < 32) continue;
        [minX, maxX, minY, maxY] = [
          Math.min(minX, x),
          Math.max(maxX, x),
          Math.min(minY, y),
          Math.max(maxY, y),
        ];
        mass += value;
        sumX += value * x;
        sumY += value * y;
      }
    }
    if (maxX < 0) return undefined;
    const scale = box / Math.max(maxX - minX + 1, maxY - minY + 1);
    const canvas = new OffscreenCanvas(side, side), context = canvas.getContext("2d");
    if (!context) throw new Error("The browser has no 2D canvas.");
    context.fillStyle = "#000";
    context.fillRect(0, 0, side, side);
    context.imageSmoothingQuality = "high";
    context.drawImage(
      this.#canvas,
      side / 2 - scale * sumX / mass,
      side / 2 - scale * sumY / mass,
      scale * width,
      scale * height,
    );
    return context.getImageData(0, 0, side, side);
  }

  #placeOf({ offsetX, offsetY }: PointerEvent): readonly [number, number] {
    const { width, height, clientWidth, clientHeight } = this.#canvas;
    return [offsetX * width / clientWidth, offsetY * height / clientHeight];
  }

  #lineTo(place: readonly [number, number]): void {
    const context = this.#context;
    context.strokeStyle = "#fff";
    context.lineWidth = 22;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(...this.#last ?? place);
    context.lineTo(...place);
    context.stroke();
    this.#last = place;
  }
}
