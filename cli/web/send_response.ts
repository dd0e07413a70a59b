/**
 * Sending of responses, also to those who are still sending their request.
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Limits on the rest of a refused body: its time and pauses in ms, and its bytes. */
const dropTime = 5000, dropPause = 1000, dropBytes = 2 ** 26;

/** Sends a response, to its end or until the receiver is gone. */
export async function sendResponse(
  answer: Response,
  message: IncomingMessage,
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  if (response.destroyed) return await answer.body?.cancel();
  const all = { ...headers, ...Object.fromEntries(answer.headers) };
  if (message.complete || isBodyless(message)) {
    response.writeHead(answer.status, all);
    await sendBody(answer, message, response);
    return;
  }
  // The rest of the request is not read, and would be taken for the next request.
  const last = { ...all, connection: "close" };
  if (answer.status < 400) {
    response.writeHead(answer.status, last);
    await sendBody(answer, message, response);
  } else {
    const body = new Uint8Array(await answer.arrayBuffer());
    response.writeHead(answer.status, { ...last, "content-length": body.length });
    response.write(body);
    await dropBody(message);
    response.end();
  }
  message.socket.destroy();
}

async function sendBody(answer: Response, message: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    if (answer.body === null || message.method === "HEAD") {
      await answer.body?.cancel();
      response.end();
      return;
    }
    response.flushHeaders();
    await pipeline(Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]), response);
  } catch {
    // The receiver is gone, or too slow.
    message.socket.destroy();
  }
}

/**
 * Receives and drops the rest of a body, until its end, a pause or a limit. If a connection is closed while data
 * arrive, the system resets it, and most senders never see the response.
 */
async function dropBody(message: IncomingMessage): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = setTimeout(resolve, dropTime);
  let pause = setTimeout(resolve, dropPause), length = 0;
  message.on("data", (chunk: Uint8Array) => {
    length += chunk.length;
    if (length > dropBytes) resolve();
    clearTimeout(pause);
    pause = setTimeout(resolve, dropPause);
  });
  for (const event of ["end", "close", "error"]) message.once(event, () => resolve());
  message.resume();
  await promise;
  message.pause();
  clearTimeout(end);
  clearTimeout(pause);
}

function isBodyless({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) === 0;
}
