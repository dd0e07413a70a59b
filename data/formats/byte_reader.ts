/** Bytes of a stream, taken in the amounts that a file format asks for. */

/** Makes the errors of a {@linkcode ByteReader}. */
export interface ByteReaderErrors {
  /** For a stream that ends too early, given how many bytes are missing. */
  readonly truncated: (missing: number) => Error;
  /** For a stream that fails, given what it threw. */
  readonly failed: (error: unknown) => unknown;
}

/** Reads a stream from front to back, never holding more of it than is asked for. */
export class ByteReader {
  readonly #stream: AsyncIterator<Uint8Array<ArrayBuffer>>;
  readonly #errors: ByteReaderErrors;
  #piece: Uint8Array<ArrayBuffer> = new Uint8Array();
  #position = 0;

  /** Reads this stream, throwing these errors. */
  constructor(stream: AsyncIterable<Uint8Array<ArrayBuffer>>, errors: ByteReaderErrors) {
    this.#stream = stream[Symbol.asyncIterator]();
    this.#errors = errors;
  }

  /** How many bytes have been taken. */
  get position(): number {
    return this.#position;
  }

  /** Whether there are no more bytes. */
  async atEnd(): Promise<boolean> {
    return !await this.#fill();
  }

  /** The next bytes, in memory of their own. @throws when there are fewer. */
  async take(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(count);
    let offset = 0;
    for await (const piece of this.pieces(count)) {
      bytes.set(piece, offset);
      offset += piece.length;
    }
    return bytes;
  }

  /** The next bytes, in pieces as they come. @throws when there are fewer. */
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

  /** Goes on behind the next bytes. @throws when there are fewer. */
  async skip(count: number): Promise<void> {
    for await (const _ of this.pieces(count));
  }

  /** Reads to the end, for what the stream checks there. */
  async drain(): Promise<void> {
    while (await this.#fill()) this.#piece = new Uint8Array();
  }

  /** Gives the stream back; one that failed has said so to whoever read it. */
  async cancel(): Promise<void> {
    await this.#stream.return?.().catch(() => undefined);
  }

  /** Makes sure that there is a byte. @returns whether there is one. */
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
