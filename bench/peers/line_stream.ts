/**
 * Text in lines.
 * @module
 */

/** Splits text at line ends, which it drops, as empty lines. */
export class TextLineStream extends TransformStream<string, string> {
  /** A stream from chunks of text to lines. */
  constructor() {
    let rest = "";
    super({
      transform(chunk, controller) {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) if (line.trim()) controller.enqueue(line);
      },
      flush(controller) {
        if (rest.trim()) controller.enqueue(rest);
      },
    });
  }
}
