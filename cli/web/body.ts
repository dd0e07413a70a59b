/**
 * Bodies of requests, read up to a limit.
 * @module
 */
import type { IncomingMessage } from "node:http";
import { Refusal } from "./refusal.ts";

/**
 * Reads the body of a request.
 * @param maximum Largest number of bytes.
 * @param begin Asks the sender for the body; none if the sender does not wait for that.
 * @throws {Refusal} with 413 if the body is larger, as soon as this is known; 400 if the sender ends it early.
 */
export async function readBody(
  message: IncomingMessage,
  maximum: number,
  begin: () => void = () => {},
): Promise<Uint8Array<ArrayBuffer>> {
  const announced = Number(message.headers["content-length"] ?? 0);
  if (!(announced <= maximum)) throw tooLarge(maximum);
  begin();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    // A refused body is not destroyed: with it would go the connection, and the response.
    for await (const chunk of message.iterator({ destroyOnReturn: false })) {
      length += chunk.length;
      if (length > maximum) throw tooLarge(maximum);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(400, "The body of the request ended early.");
  }
  const body = new Uint8Array(length);
  let start = 0;
  for (const chunk of chunks) {
    body.set(chunk, start);
    start += chunk.length;
  }
  return body;
}

/** Returns the value of a body in JSON. @throws {Refusal} with 400 if it is malformed. */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new Refusal(400, "The body of the request is not valid JSON.");
  }
}

function tooLarge(maximum: number): Refusal {
  return new Refusal(413, `The body of the request must have at most ${maximum} bytes.`);
}
