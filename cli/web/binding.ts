/**
 * The address that a server is bound to, and the options that set it.
 * @module
 */
import { isIP } from "node:net";
import { inGroup } from "../../semisup/mod.ts";
import { type Row, switchRow, textRow } from "../command/rows.ts";
import { printWarning } from "../terminal/output.ts";
import type { Binding } from "./web_server.ts";

/** `--port`: 0 for any free one. */
export const portRow = {
  kind: "integer",
  default: null,
  minimum: 0,
  maximum: 65535,
  help: "port of the page (default: any free one)",
} as const satisfies Row;

/** Options of commands that serve a page. */
export const webRows = inGroup("output", {
  port: portRow,
  host: textRow("ADDRESS", "address to listen on (default: 127.0.0.1)"),
  expose: switchRow(
    "allow a --host that other machines reach, unencrypted",
  ),
});

/** Returns whether only this machine reaches an address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || isIP(host) === 4 && host.startsWith("127.");
}

/** Returns the address to bind to. @throws {RangeError} if other machines reach it, and this is not allowed. */
export function checkBinding({ host, expose = false }: Binding): string {
  const chosen = host ?? "127.0.0.1";
  if (isLoopback(chosen)) return chosen === "localhost" ? "127.0.0.1" : chosen;
  if (expose) return chosen;
  throw new RangeError(
    `Cannot listen on ${chosen}: other machines reach it. Everything would be sent unencrypted, and everyone who learns the address could use it. Add --expose to allow this, or use 127.0.0.1 and a tunnel such as ssh -L.`,
  );
}

/** Prints what it means that other machines reach a server; nothing if none does. */
export function warnIfExposed(binding: Binding): void {
  const host = checkBinding(binding);
  if (isLoopback(host)) return;
  printWarning(
    `The page is open to other machines, on ${host}: it is sent unencrypted, and everyone who learns its address can see and change what it shows`,
  );
}
