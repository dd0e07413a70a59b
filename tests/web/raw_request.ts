/** Requests as attackers write them, byte by byte. */

/** Sends bytes, and returns everything that the server sends until it closes the connection. */
export async function rawRequest(port: number, text: string, timeout = 5000): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const timer = setTimeout(() => connection.close(), timeout);
  try {
    await connection.write(new TextEncoder().encode(text)).catch(() => {});
    return await new Response(connection.readable).text();
  } finally {
    clearTimeout(timer);
  }
}

/** Returns the text of a request. Its headers replace or add to the usual ones; undefined removes one. */
export function requestText(
  line: string,
  port: number,
  headers: Readonly<Record<string, string | undefined>> = {},
  body = "",
): string {
  const all = { host: `127.0.0.1:${port}`, connection: "close", ...headers };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`]
  );
  return [`${line} HTTP/1.1`, ...lines, "", body].join("\r\n");
}

/** Returns the status of a response; 0 if there is none. */
export function statusOf(response: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(response)?.[1] ?? 0);
}
