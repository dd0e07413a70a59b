/**
 * Why the system refused something, in few words: its own messages repeat the path, which ours have already.
 * @module
 */

const reasons = [
  [Deno.errors.NotFound, "there is none"],
  [Deno.errors.IsADirectory, "it is a folder"],
  [Deno.errors.NotADirectory, "it is no folder, or is said to be in a file"],
  [Deno.errors.PermissionDenied, "permission denied"],
  [Deno.errors.NotCapable, "Deno was not given the permission"],
] as const;

/** The reason of an error, to be put at the end of a message. */
export function reasonOf(error: unknown): string {
  const known = reasons.find(([kind]) => error instanceof kind);
  if (known) return known[1];
  const message = error instanceof Error ? error.message : String(error);
  const short = message.replace(/ \(os error \d+\).*$/s, "").replace(/\s+/g, " ").trim();
  // Only the system's messages begin with a lone capital; a name such as EFBIG stays.
  return short.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}
