/** Attacks on servers, byte by byte: each is a row that all servers of the project must refuse. */

/** A server under attack. */
export interface Target {
  readonly port: number;
  /** Path of its page: `/TOKEN/`, or `/` without a token. */
  readonly path: string;
  /** Paths below the page's that take bodies. */
  readonly posts: readonly string[];
}

/** An attack: bytes of a connection, and the statuses of the answers. */
export interface Attack {
  readonly name: string;
  /** Returns the bytes to send, in parts. */
  readonly send: (target: Target) => Iterable<string | Uint8Array>;
  /** Statuses that refuse it; 0 if the connection is closed without an answer. */
  readonly statuses: readonly number[];
  /** Number of answers to wait for (default: until the server closes the connection). */
  readonly answers?: number;
}

/** Returns a request. Its headers replace or add to the usual ones; undefined removes one. */
function request(
  line: string,
  { port }: Target,
  headers: Readonly<Record<string, string | undefined>> = {},
  body = "",
): string {
  const all = { host: `127.0.0.1:${port}`, connection: "close", ...headers };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}: ${value}\r\n`
  );
  return `${line} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}

type Headers = Readonly<Record<string, string | undefined>>;
const refused = [400, 403, 404], unanswered = [0, 400, 408, 413, 431];

/** Requests of a page with other headers. */
const withHeaders = (
  name: string,
  statuses: readonly number[],
  headers: (target: Target) => Headers,
): Attack => ({
  name,
  statuses,
  send: (target) => [request(`GET ${target.path}`, target, headers(target))],
});

const foreignHosts = [
  "evil.example",
  "evil.example:PORT",
  "localhost.evil.example:PORT",
  "127.0.0.1.evil.example:PORT",
  "127.0.0.1:PORT@evil.example",
  "127.0.0.1:1",
  "localhost",
  "[::1",
  "",
].map((host) =>
  withHeaders(`Host ${host}`, [400, 403], ({ port }) => ({ host: host.replace("PORT", `${port}`) }))
);

const foreignOrigins = [
  "http://evil.example",
  "null",
  "https://127.0.0.1:PORT",
  "http://127.0.0.1:1",
  "file://",
]
  .map((origin) =>
    withHeaders(`Origin ${origin}`, [403], ({ port }) => ({ origin: origin.replace("PORT", `${port}`) }))
  );

const foreignSites = ["cross-site", "same-site"].flatMap((site) => [
  withHeaders(`a request ${site}`, [403], () => ({ "sec-fetch-site": site })),
  withHeaders(`a frame ${site}`, [403], () => ({
    "sec-fetch-site": site,
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "iframe",
  })),
]);

/** Paths that must lead nowhere, below the page's. */
const paths = [
  "../",
  "../../../../../../etc/passwd",
  "label/page/../../label.ts",
  "./",
  "%2e%2e/%2e%2e/etc/passwd",
  "..%2f..%2fetc/passwd",
  "%252e%252e%252fetc/passwd",
  "..\\..\\etc\\passwd",
  "..%5c..%5cetc%5cpasswd",
  "/etc/passwd",
  "//etc/passwd",
  "picture//etc/passwd",
  "picture/..",
  "picture/-1",
  "picture/1e99",
  "picture/0x1",
  "picture/99999999999999999999",
  "picture/%00",
  "file:///etc/passwd",
  "C:/windows/win.ini",
  "deno.json",
  "cli/main.ts",
  "__proto__",
  "constructor",
  "\u00e4",
].map((path): Attack => ({
  name: `path ${path}`,
  statuses: refused,
  send: (target) => [request(`GET ${target.path}${path}`, target)],
}));

const wholeTargets = [
  "http://127.0.0.1:PORT/",
  "http://evil.example/",
  "file:///etc/passwd",
  "*",
  "/../",
  "//",
  "//evil.example/",
  "/wrong/",
].map((target): Attack => ({
  name: `target ${target}`,
  statuses: refused,
  send: (to) => [request(`GET ${target.replace("PORT", `${to.port}`)}`, to)],
}));

const methods = ["OPTIONS", "TRACE", "PUT", "DELETE", "CONNECT", "PATCH", "get"].map((
  method,
): Attack => ({
  name: `method ${method}`,
  statuses: [0, 400, 403, 404, 405],
  send: (target) => [request(`${method} ${target.path}`, target)],
}));

/** Answered, but without a body. */
const headOnly: Attack = {
  name: "method HEAD",
  statuses: [200, 405],
  send: (target) => [request(`HEAD ${target.path}`, target)],
};

const malformed: readonly Attack[] = ([
  ["bytes that are no request", () => "\0\x01\x02 nonsense\r\n\r\n"],
  ["a TLS greeting", () => "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
  ["HTTP/1.0 without Host", ({ path }) => `GET ${path} HTTP/1.0\r\n\r\n`],
  ["HTTP/1.1 without Host", ({ path }) => `GET ${path} HTTP/1.1\r\nconnection: close\r\n\r\n`],
  ["HTTP/9.9", ({ path }) => `GET ${path} HTTP/9.9\r\n\r\n`],
  ["HTTP/2's greeting", () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["an address of 100 KB", (to) => request(`GET ${to.path}${"a".repeat(1e5)}`, to)],
  ["a query of 100 KB", (to) => request(`GET ${to.path}?q=${"a".repeat(1e5)}`, to)],
  ["a header of 1 MB", (to) => request(`GET ${to.path}`, to, { "x-long": "a".repeat(1e6) })],
  [
    "10,000 headers",
    (to) =>
      request(
        `GET ${to.path}`,
        to,
        Object.fromEntries(Array.from({ length: 1e4 }, (_, i) => [`x-${i}`, "1"])),
      ),
  ],
  ["a header's name with a blank", (to) => request(`GET ${to.path}`, to, { "x y": "1" })],
  [
    "length and chunks",
    (to) =>
      request(
        `POST ${to.path}${to.posts[0]}`,
        to,
        { "content-length": "4", "transfer-encoding": "chunked" },
        "0\r\n\r\n",
      ),
  ],
  [
    "two lengths",
    (to) =>
      request(`POST ${to.path}${to.posts[0]}`, to, { "content-length": "1\r\ncontent-length: 2" }, "{}"),
  ],
  [
    "a negative length",
    (to) => request(`POST ${to.path}${to.posts[0]}`, to, { "content-length": "-1" }, "{}"),
  ],
] as const satisfies readonly (readonly [string, (target: Target) => string])[]).map(([name, send]) => ({
  name,
  statuses: [...unanswered, 403, 404, 405, 411, 505],
  send: (target: Target) => [send(target)],
}));

/** A body that is sent until the server refuses it. */
function* hugeBody(head: string, part: string, size: number): Iterable<string> {
  yield head;
  for (let sent = 0; sent < size; sent += part.length) yield part;
}

const tenGigabytes = 10 * 2 ** 30;

const bodies: readonly Attack[] = [0, 1].flatMap((at) => {
  const line = ({ path, posts }: Target) => `POST ${path}${posts[at] ?? posts[0]}`;
  const statuses = [0, 400, 409, 411, 413];
  return [{
    name: `10 GB announced, path ${at}`,
    statuses,
    send: (target: Target) =>
      hugeBody(
        request(line(target), target, { "content-length": `${tenGigabytes}` }),
        "1".repeat(2 ** 16),
        tenGigabytes,
      ),
  }, {
    name: `10 GB in chunks, path ${at}`,
    statuses,
    send: (target: Target) =>
      hugeBody(
        request(line(target), target, { "transfer-encoding": "chunked" }),
        `10000\r\n${"1".repeat(2 ** 16)}\r\n`,
        tenGigabytes,
      ),
  }];
});

const upgrade: Attack = {
  name: "an upgrade to WebSocket of another site",
  statuses: [403],
  send: (target) => [request(`GET ${target.path}events`, target, {
    ...{ connection: "Upgrade", upgrade: "websocket", origin: "http://evil.example" },
    ...{ "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" },
  })],
  answers: 1,
};

const pipelined: Attack = {
  name: "requests of others behind each other",
  statuses: [403],
  answers: 3,
  send: (target) => {
    const foreign = { host: "evil.example", connection: "keep-alive" };
    return [request(`GET ${target.path}`, target, foreign).repeat(3)];
  },
};

/** All attacks that are one connection. */
export const attacks: readonly Attack[] = [
  ...foreignHosts,
  ...foreignOrigins,
  ...foreignSites,
  ...paths,
  ...wholeTargets,
  ...methods,
  headOnly,
  ...malformed,
  ...bodies,
  upgrade,
  pipelined,
];

/** Attacks on the token of a page. */
export const tokenAttacks: readonly Attack[] = ([
  ["no token", () => "/"],
  ["no token, a route", ({ posts }) => `/${posts[0]}`],
  [
    "another token",
    ({ path }) => path.replace(/(.)(.\/)$/, (_, at, rest) => `${at === "A" ? "B" : "A"}${rest}`),
  ],
  ["a shorter token", ({ path }) => `${path.slice(0, -2)}/`],
  ["a longer token", ({ path }) => `${path.slice(0, -1)}A/`],
  ["another case", ({ path }) => `${path.toLowerCase()}x/`],
  ["the token in the query", ({ path }) => `/?token=${path.slice(1, -1)}`],
  ["the token without an end", ({ path }) => path.slice(0, -1)],
] as const satisfies readonly (readonly [string, (target: Target) => string])[]).map(([name, path]) => ({
  name,
  statuses: [404],
  send: (target: Target) => [request(`GET ${path(target)}`, target)],
}));

/** Statuses in the answers of a connection, and the number of bytes that were sent. */
export interface Answered {
  readonly statuses: readonly number[];
  readonly text: string;
  readonly sent: number;
}

/** Attacks a server once. @param patience Time in ms after which the connection is given up. */
export async function attack(
  target: Target,
  { send, answers = Infinity }: Attack,
  patience = 20_000,
): Promise<Answered> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: target.port });
  let text = "", sent = 0, isOpen = true;
  const close = () => {
    if (isOpen) connection.close();
    isOpen = false;
  };
  const timer = setTimeout(close, patience);
  const count = () => text.match(/^HTTP\/1\.1 \d{3}/gm)?.length ?? 0;
  const reading = (async () => {
    const decoder = new TextDecoder(), buffer = new Uint8Array(2 ** 16);
    while (isOpen && count() < answers) {
      const length = await connection.read(buffer);
      if (length === null) break;
      text += decoder.decode(buffer.subarray(0, length), { stream: true });
    }
  })().catch(() => {}).finally(close);
  const writing = (async () => {
    const encoder = new TextEncoder();
    for (const part of send(target)) {
      const bytes = typeof part === "string" ? encoder.encode(part) : part;
      for (let at = 0; isOpen && at < bytes.length;) at += await connection.write(bytes.subarray(at));
      if (!isOpen) break;
      sent += bytes.length;
    }
  })().catch(() => {});
  await Promise.all([reading, writing]);
  clearTimeout(timer);
  const statuses = (text.match(/^HTTP\/1\.1 \d{3}/gm) ?? []).map((each) => Number(each.slice(9)));
  return { statuses, text, sent };
}
