/**
 * The server of the pages: on loopback, for those who know its address.
 *
 * Every path is an entry of a table, and no path names a file, so that none can lead elsewhere. Node's server is used
 * because it limits how long a connection may be idle and a request may take.
 * @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type AccessRules, checkAccess, createToken } from "./access.ts";
import { checkBinding } from "./binding.ts";
import { parseJson, readBody } from "./body.ts";
import { limitConnections } from "./connections.ts";
import { Refusal } from "./refusal.ts";
import { refusalResponse, securityHeaders } from "./responses.ts";
import { type RouteFinder, routeFinder, type Site } from "./routes.ts";
import { sendResponse } from "./send_response.ts";

/** Limits of a server. */
export interface WebLimits {
  /** Largest body of a request in bytes (default: 64 KiB). */
  readonly maximumBody: number;
  /** Largest number of connections (default: 128). */
  readonly maximumConnections: number;
  /** Time for the head of a request, in ms, also until the first one of a connection (default: 10 s). */
  readonly headTimeout: number;
  /** Time for a whole request, body included, in ms (default: 30 s). */
  readonly requestTimeout: number;
  /** Time for responses to end after `stop`, in ms (default: 0.5 s). */
  readonly graceTime: number;
}

/** Binding of a server. */
export interface Binding {
  /** Name or address to bind to (default: 127.0.0.1). */
  readonly host?: string | null;
  /** Port (default: any free one). */
  readonly port?: number | null;
  /** True if other machines may connect. */
  readonly expose?: boolean;
  /** Names of this machine that addresses may have, beside `localhost` and numbers (default: none). */
  readonly names?: readonly string[];
  /** First segment of each path (default: random); empty for none. */
  readonly token?: string;
}

/** A running server. */
export interface WebServer {
  /** Address of its page, with the token. */
  readonly address: string;
  readonly port: number;
  /** Lets responses end, then ends all connections and frees the port. */
  stop(): Promise<void>;
}

const defaultLimits: WebLimits = {
  maximumBody: 2 ** 16,
  maximumConnections: 128,
  headTimeout: 10_000,
  requestTimeout: 30_000,
  graceTime: 500,
};

/**
 * Starts a server.
 * @throws {RangeError} if the host is not loopback without `expose`, or the port is in use.
 */
export async function startWebServer(
  site: Site,
  binding: Binding = {},
  limits: Partial<WebLimits> = {},
): Promise<WebServer> {
  const { maximumBody, maximumConnections, headTimeout, requestTimeout, graceTime } = {
    ...defaultLimits,
    ...limits,
  };
  const host = checkBinding(binding), token = binding.token ?? createToken();
  const find = routeFinder(site), headers = securityHeaders(site.policy ?? {});
  const timeouts = {
    headersTimeout: headTimeout,
    requestTimeout,
    keepAliveTimeout: headTimeout,
    connectionsCheckingInterval: Math.min(1000, headTimeout),
  };
  const names = [host, ...binding.names ?? []];
  let rules: AccessRules = { token, names, port: 0 };
  const handle = async (message: IncomingMessage, response: ServerResponse, begin?: () => void) => {
    try {
      const answer = await respond(message, response, { find, rules, maximumBody, site, begin });
      await sendResponse(answer, message, response, headers);
    } catch (error) {
      site.onError(error);
      response.destroy();
    }
  };
  const server = createServer(timeouts, (message, response) => void handle(message, response));
  // Senders of large bodies ask before they send them.
  server.on(
    "checkContinue",
    (message: IncomingMessage, response: ServerResponse) =>
      void handle(message, response, () => response.writeContinue()),
  );
  limitConnections(server, maximumConnections);
  server.on("clientError", refuseSender);
  const port = await listen(server, host, binding.port ?? 0);
  rules = { ...rules, port };
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    port,
    address: `http://${name}:${port}/${token === "" ? "" : `${token}/`}`,
    stop: () => stop(server, graceTime),
  };
}

/** Returns the response to a message. */
async function respond(
  message: IncomingMessage,
  response: ServerResponse,
  { find, rules, maximumBody, begin, site: { onError, answerRefusal = refusalResponse } }: {
    readonly find: RouteFinder;
    readonly rules: AccessRules;
    readonly maximumBody: number;
    readonly site: Site;
    /** Asks for the body, if the sender waits for that. */
    readonly begin: (() => void) | undefined;
  },
): Promise<Response> {
  const header = (name: string) => {
    const value = message.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  };
  try {
    // Node leaves out the body of a response to HEAD.
    const method = message.method === "HEAD" ? "GET" : message.method ?? "";
    const { path, query } = checkAccess({ method, target: message.url ?? "", header }, rules);
    const [handler, parameters] = find(method, path);
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const bytes = (maximum = maximumBody) => readBody(message, maximum, begin);
    const json = async () => parseJson(await bytes());
    return await handler({ parameters, query, signal: gone.signal, header, bytes, json });
  } catch (error) {
    if (error instanceof Refusal) return answerRefusal(error);
    onError(error);
    return answerRefusal(new Refusal(500, "The command failed; it has printed why."));
  }
}

/** Statuses of requests that never reached a handler, by the code of the error. */
const senderStatuses: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
};

/** Answers malformed, slow and idle senders, and ends their connections. */
function refuseSender({ code = "" }: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable) return void socket.destroy();
  const status = senderStatuses[code] ?? "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy());
}

/** Binds a server. @returns its port. @throws {RangeError} if the address cannot be used. */
async function listen(server: Server, host: string, port: number): Promise<number> {
  await requestNet(`${host.includes(":") ? `[${host}]` : host}:${port}`);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, host, resolve);
  try {
    await promise;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new RangeError(
      code === "EADDRINUSE"
        ? `Cannot use port ${port}: another program uses it. Set another one, or 0 for any free one.`
        : `Cannot listen on ${host}, port ${port}: ${message}`,
    );
  }
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return address.port;
}

async function stop(server: Server, graceTime: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceTime);
  await closed;
  clearTimeout(timer);
}

/** Asks for the permission to listen: `node:http` throws where nobody can catch it. @throws {Error} if it is missing. */
async function requestNet(host: string): Promise<void> {
  const { state } = await Deno.permissions.request({ name: "net", host });
  if (state !== "granted") {
    throw new Error(`Requires net access to "${host}", run again with the --allow-net flag`);
  }
}
