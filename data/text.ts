/** Wording shared by this room's errors. */

/** `"a, b, c and 4 more"`: names for an error message, some of them where there are many. */
export function someOf(names: readonly string[], most = 5): string {
  if (names.length === 0) return "nothing";
  if (names.length <= most) return names.join(", ");
  return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}

/** The message of whatever was thrown, as one line to be put into another message, which names the file already. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/ \(os error \d+\).*$/s, "").replace(/\s+/g, " ").replace(/[. ]+$/, "");
}

/** A file's name for a message: what would break its line is shown as in JSON. */
export function shownName(name: string): string {
  // deno-lint-ignore no-control-regex
  return name.replace(/[\x00-\x1f\x7f\u2028\u2029]/g, (character) => JSON.stringify(character).slice(1, -1));
}

/** `"1 image"`, `"2 images"`. */
export function counted(count: number, thing: string, things: string = `${thing}s`): string {
  return `${count} ${count === 1 ? thing : things}`;
}
