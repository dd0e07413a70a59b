/**
 * The content of the page: a layout with parts, which change while a page is open.
 * @module
 */
import { EventChannel, type PageEvent } from "../web/event_channel.ts";
import type { Html } from "../report/html.ts";

/** Content of the page: the layout has an element with the attribute `data-part` for each part. */
export interface Content {
  readonly layout: Html;
  readonly parts: ReadonlyMap<string, Html>;
}

/** Keeps the content, and sends what has changed to all pages. A new or reloaded page gets everything. */
export class Board {
  readonly channel: EventChannel;
  #layout = "";
  readonly #parts = new Map<string, string>();

  /** @param more Returns further events for new pages. */
  constructor(more: () => readonly PageEvent[] = () => []) {
    this.channel = new EventChannel(() => [...this.#events(), ...more()]);
  }

  /** Replaces the content. */
  show({ layout, parts }: Content): void {
    for (const [id, { text }] of parts) {
      if (this.#parts.get(id) === text) continue;
      this.#parts.set(id, text);
      this.channel.send("part", { id, html: text });
    }
    if (layout.text === this.#layout) return;
    this.#layout = layout.text;
    this.channel.send("layout", { html: layout.text });
  }

  #events(): PageEvent[] {
    const parts = [...this.#parts].map(([id, html]) => ({ name: "part", data: { id, html } }));
    return [...parts, { name: "layout", data: { html: this.#layout } }];
  }
}
