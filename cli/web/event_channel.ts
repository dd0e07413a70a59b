/**
 * Server-sent events.
 * @module
 */

/** An event for pages: its name, and a value that becomes JSON. */
export interface PageEvent {
  readonly name: string;
  readonly data: unknown;
}

/** Number of events that may wait for a page; a slower page is disconnected, and connects anew by itself. */
const mostWaiting = 256;

/** Sends events to all pages that are connected. */
export class EventChannel {
  readonly #pages = new Set<ReadableStreamDefaultController<Uint8Array>>();
  readonly #greeting: () => readonly PageEvent[];

  /** @param greeting Returns the first events of each page, which bring it up to date; also after a reload. */
  constructor(greeting: () => readonly PageEvent[] = () => []) {
    this.#greeting = greeting;
  }

  /** Number of connected pages. */
  get size(): number {
    return this.#pages.size;
  }

  /** Returns the response that connects a page. */
  connect(): Response {
    let page: ReadableStreamDefaultController<Uint8Array> | undefined;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        page = controller;
        this.#pages.add(controller);
        // Pages wait this long, in ms, before they connect again.
        controller.enqueue(encode("retry: 1000\n\n"));
        for (const event of this.#greeting()) controller.enqueue(encode(textOf(event)));
      },
      cancel: () => {
        if (page) this.#pages.delete(page);
      },
    }, { highWaterMark: mostWaiting });
    return new Response(stream, { headers: { "content-type": "text/event-stream" } });
  }

  /** Sends an event to all pages. */
  send(name: string, data: unknown): void {
    const bytes = encode(textOf({ name, data }));
    for (const page of this.#pages) {
      if ((page.desiredSize ?? 0) > 0) {
        page.enqueue(bytes);
        continue;
      }
      this.#pages.delete(page);
      // Unlike closing, an error drops the events that wait.
      page.error(new Error("The page is too slow"));
    }
  }

  /** Disconnects all pages. */
  close(): void {
    for (const page of this.#pages) page.close();
    this.#pages.clear();
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Returns an event as the protocol writes it. JSON has no line breaks outside its strings, which escape them. */
function textOf({ name, data }: PageEvent): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
