/** Reading of a stream in exact amounts of bytes, as file formats require. */

/** Factories for the errors of a {@linkcode ByteReader}. */
export interface ByteReaderErrors {
  /** Creates the error for a stream that ends too early, given the number of missing bytes. */
  readonly truncated: (missing: number) => Error;
  /** Creates the error for a stream that fails, given the error it threw. */
  readonly failed: (error: unknown) => unknown;
}

/** A reader of a stream from front to back that buffers at most one piece. */
export class ByteReader {
  readonly #stream: AsyncIterator<Uint8Array<ArrayBuffer>>;
  readonly #errors: ByteReaderErrors;
  #piece: Uint8Array<ArrayBuffer> = new Uint8Array();
  #position = 0;

  /** Creates a reader of a stream that throws the given errors. */
  constructor(stream: AsyncIterable<Uint8Array<ArrayBuffer>>, errors: ByteReaderErrors) {
    this.#stream = stream[Symbol.asyncIterator]();
    this.#errors = errors;
  }

  /** Number of bytes taken so far. */
  get position(): number {
    return this.#position;
  }

  /** Returns whether the stream has no more bytes. */
  async atEnd(): Promise<boolean> {
    return !await this.#fill();
  }

  /** Returns a copy of the next bytes. @throws when there are fewer. */
  async take(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(count);
    let offset = 0;
    for await (const piece of this.pieces(count)) {
      bytes.set(piece, offset);
      offset += piece.length;
    }
    return bytes;
  }

  /** Yields the next bytes in pieces. @throws when there are fewer. */
  async *pieces(count: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    let missing = count;
    while (missing > 0) {
      if (!await this.#fill()) throw this.#errors.truncated(missing);
      const piece = this.#piece.subarray(0, missing);
      this.#piece = this.#piece.subarray(piece.length);
      this.#position += piece.length;
      missing -= piece.length;
      yield piece;
    }
  }

  /** Skips the next bytes. @throws when there are fewer. */
  async skip(count: number): Promise<void> {
    for await (const _ of this.pieces(count));
  }

  /** Reads to the end, where the stream verifies its checksum. @throws `tooMany` after more than `most` bytes. */
  async drain(most: number, tooMany: () => Error): Promise<void> {
    for (let read = 0; await this.#fill(); this.#piece = new Uint8Array()) {
      read += this.#piece.length;
      if (read > most) throw tooMany();
    }
  }

  /** Closes the stream. Errors are ignored, as they were already thrown to the reader. */
  async cancel(): Promise<void> {
    await this.#stream.return?.().catch(() => undefined);
  }

  /** Fills the buffer. @returns True if the buffer holds at least one byte. */
  async #fill(): Promise<boolean> {
    while (this.#piece.length === 0) {
      const { done, value } = await this.#stream.next().catch((error) => {
        throw this.#errors.failed(error);
      });
      if (done) return false;
      this.#piece = value;
    }
    return true;
  }
}
