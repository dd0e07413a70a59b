/**
 * Checks of each request before any handler sees it: Host, Origin, path and token.
 *
 * The token in the address is what keeps others out. Pages of other sites could still make the browser send
 * requests; they do not know the token, and are refused by Origin and Sec-Fetch-Site. A name of another site that
 * resolves to this machine (DNS rebinding) is refused by Host.
 * @module
 */
import { Buffer } from "node:buffer";
import { randomBytes, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import { Refusal } from "./refusal.ts";

/** The parts of a request that are checked. */
export interface RequestHead {
  readonly method: string;
  /** Target of the request line, such as `/token/page?n=1`. */
  readonly target: string;
  /** Value of a header; undefined if absent. */
  header(name: string): string | undefined;
}

/** Addresses and token that a server answers to. */
export interface AccessRules {
  /** First segment of each path; empty if everybody who reaches the server may use it. */
  readonly token: string;
  readonly port: number;
  /** Names and addresses of the server. */
  readonly names: readonly string[];
}

/** Returns a new token: 192 random bits in 32 letters, digits, `-` and `_`. */
export function createToken(): string {
  return randomBytes(24).toString("base64url");
}

/**
 * Returns the path behind the token and the query of a request.
 * @throws {Refusal} with 400 for malformed targets, 403 for another host or origin, 404 without the token.
 */
export function checkAccess(
  head: RequestHead,
  { token, port, names }: AccessRules,
): { readonly path: string; readonly query: URLSearchParams } {
  const [path = "", query] = split(head.target, "?");
  // No path of a page needs escapes, so that no two spellings of a path exist.
  const segments = path.split("/").slice(1);
  if (!/^\/[\w\-.~/:@+]*$/.test(path) || segments.some((each) => each === "." || each === "..")) {
    throw new Refusal(400, "The path of the request is not valid.");
  }
  const named = head.header("host");
  if (named === undefined || !isOwnHost(named, names, port)) {
    throw new Refusal(403, "The request names another host than this server.");
  }
  checkOrigin(head, named);
  const start = token === "" ? "/" : `/${token}/`;
  if (!isEqual(path.slice(0, start.length), start)) {
    throw new Refusal(404, "Not found. Open the address that the command printed, to its end.");
  }
  return { path: path.slice(start.length - 1), query: new URLSearchParams(query) };
}

/** Splits a text at the first separator. */
function split(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/**
 * Returns whether a Host header names this server: `localhost`, one of its names, or any IP address. No
 * site can give an address instead of a name to rebind.
 */
function isOwnHost(named: string, names: readonly string[], port: number): boolean {
  const [, whole = "", inner, digits] = /^(\[([0-9a-f:.]+)\]|[^:[\]]+)(?::(\d{1,5}))?$/i.exec(named) ?? [];
  if (Number(digits ?? 80) !== port) return false;
  const bare = (inner ?? whole).toLowerCase();
  return bare === "localhost" || isIP(bare) !== 0 || names.some((name) => name.toLowerCase() === bare);
}

/** @throws {Refusal} if the page of another site sends the request; links to a page may be on any site. */
function checkOrigin(head: RequestHead, named: string): void {
  const origin = head.header("origin"), site = head.header("sec-fetch-site") ?? "none";
  const isLink = head.method === "GET" && head.header("sec-fetch-mode") === "navigate" &&
    head.header("sec-fetch-dest") === "document";
  const isOwnSite = site === "same-origin" || site === "none" || isLink;
  if (isOwnSite && (origin === undefined || origin.toLowerCase() === `http://${named.toLowerCase()}`)) return;
  throw new Refusal(403, "The request comes from a page of another site.");
}

/** Compares texts in a time that does not depend on where they differ. */
function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
