/**
 * Splitting of text streams into lines.
 * @module
 */

/** A stream that splits text into lines and drops line ends and blank lines. */
export class TextLineStream extends TransformStream<string, string> {
  /** Creates a stream from chunks of text to lines. */
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
