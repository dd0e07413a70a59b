// @ts-check
/**
 * The connection of a page to the command that serves it.
 * @module
 */

/**
 * Sends a value to the command.
 * @param {string} path Path relative to the page.
 * @param {unknown} value Value that becomes JSON.
 * @returns {Promise<any>} The answer; undefined if it is empty.
 * @throws {Error} with the command's reason if it refuses, or is gone.
 */
export async function send(path, value) {
  const response = await reach(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(value),
    // The request is sent even if the page is closed meanwhile.
    keepalive: true,
  });
  const text = await response.text();
  return text === "" ? undefined : JSON.parse(text);
}

/**
 * Requests a value from the command.
 * @param {string} path Path relative to the page.
 * @returns {Promise<any>} The answer.
 */
export async function request(path) {
  return await (await reach(path, {})).json();
}

/**
 * @param {string} path
 * @param {RequestInit} options
 */
async function reach(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("The command has ended. Start it again in the terminal, and open its new address.");
  }
  if (!response.ok) throw new Error((await response.text()).trim());
  return response;
}

/**
 * Follows the events of the command. The browser connects anew by itself after an interruption.
 * @param {string} path Path relative to the page.
 * @param {Record<string, (data: any) => void>} handlers Handlers by the name of the event.
 * @param {(isConnected: boolean) => void} onConnection Receives each change of the connection.
 * @returns {EventSource}
 */
export function follow(path, handlers, onConnection) {
  const source = new EventSource(path);
  for (const [name, handle] of Object.entries(handlers)) {
    source.addEventListener(name, (event) => handle(JSON.parse(/** @type {MessageEvent} */ (event).data)));
  }
  source.addEventListener("open", () => onConnection(true));
  source.addEventListener("error", () => onConnection(false));
  return source;
}
