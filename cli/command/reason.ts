/**
 * Reasons of system errors in few words, without the path that our messages have already.
 * @module
 */

import { missingPermission } from "../../data/internal.ts";

const reasons = [
  [Deno.errors.NotFound, "no such file or folder"],
  [Deno.errors.IsADirectory, "it is a folder"],
  [Deno.errors.NotADirectory, "a part of the path is not a folder"],
  [Deno.errors.PermissionDenied, "permission denied"],
] as const;

/** Returns the reason of an error, for the end of a message. */
export function reasonOf(error: unknown): string {
  const known = reasons.find(([kind]) => error instanceof kind);
  if (known) return known[1];
  const message = error instanceof Error ? error.message : String(error);
  const missing = missingPermission(message);
  if (missing !== undefined) return missing;
  const short = message.replace(/ \(os error \d+\).*$/s, "").replace(/\s+/g, " ").trim();
  // A name such as EFBIG keeps its capitals.
  return short.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}
