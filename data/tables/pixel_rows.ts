/** Pixels of a growing number of images. */

/** Pixel values of an image: bytes, or numbers with fractions. */
export type PixelValues = Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** Rows of equal length, one for each image, in one growing array. */
export class PixelRows {
  readonly #length: number;
  #values: PixelValues;
  #count = 0;

  /**
   * Creates an empty array.
   *
   * @param length Number of values of a row.
   * @param capacity Number of rows for which memory is reserved; more are possible.
   */
  constructor(length: number, capacity: number) {
    this.#length = length;
    this.#values = new Uint8Array(length * capacity);
  }

  /** Number of rows. */
  get count(): number {
    return this.#count;
  }

  /** Values of all rows; not a copy. */
  get values(): PixelValues {
    return this.#values.subarray(0, this.#count * this.#length);
  }

  /** Appends a row, at the start of which values may be missing. */
  add(row: PixelValues): void {
    const start = this.#count * this.#length, isTooSmall = start + this.#length > this.#values.length;
    if (isTooSmall || row instanceof Float32Array && this.#values instanceof Uint8Array) {
      const size = Math.max(this.#values.length, isTooSmall ? 2 * start + this.#length : 0);
      const larger = row instanceof Float32Array ? new Float32Array(size) : new Uint8Array(size);
      larger.set(this.values);
      this.#values = larger;
    }
    this.#values.set(row, start);
    this.#count++;
  }

  /** Completes rows whose last value is missing, with a value for each row: after the others, or before them. */
  complete(values: readonly number[], isLast: boolean): void {
    if (values.some((value) => !Number.isInteger(value))) this.#values = Float32Array.from(this.values);
    for (let row = 0; row < this.#count; row++) {
      const start = row * this.#length, end = start + this.#length - 1;
      if (!isLast) this.#values.copyWithin(start + 1, start, end);
      this.#values[isLast ? end : start] = values[row] ?? 0;
    }
  }
}
