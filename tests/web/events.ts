/** Server-sent events of pages. */

/** An event. */
export interface ReceivedEvent {
  readonly name: string;
  // deno-lint-ignore no-explicit-any -- any value of JSON
  readonly data: any;
}

/** Connects to the events of a page, and returns the first one that fulfils a condition. @throws {Error} if they end. */
export async function findEvent(
  address: string,
  isWanted: (event: ReceivedEvent) => boolean,
): Promise<ReceivedEvent> {
  const response = await fetch(`${address}events`);
  if (!response.body) throw new Error(`There are no events: ${response.status}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += part.value;
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const each of events) {
      const [, name, data] = /^event: (.*)\ndata: (.*)$/m.exec(each) ?? [];
      if (name === undefined || data === undefined) continue;
      const event = { name, data: JSON.parse(data) };
      if (!isWanted(event)) continue;
      await reader.cancel();
      return event;
    }
  }
  throw new Error("The events have ended");
}
