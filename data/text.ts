/** Formatting shared by the messages of `data/`. */

/**
 * Joins names for a message, at most `most` of them: `"a, b, c and 4 more"`. {@linkcode quoteOf} escapes
 * and shortens each name.
 */
export function someOf(names: readonly string[], most = 5): string {
  if (names.length === 0) return "nothing";
  const shown = names.slice(0, most).map(quoteOf).join(", ");
  return names.length <= most ? shown : `${shown} and ${names.length - most} more`;
}

/**
 * Returns the message of a thrown value on one line, without error codes and the final period, for use in
 * another message.
 */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const missing = missingPermission(message);
  if (missing !== undefined) return missing;
  const short = message.slice(0, LONGEST_MESSAGE).replace(/ \(os error \d+\).*$/s, "").replace(/\s+/g, " ");
  return withoutEnding(short, ". ");
}

/** Returns the text for an error of Deno about a missing permission; undefined for other messages. */
export function missingPermission(message: string): string | undefined {
  const [, access, flag] = /Requires (\w+ access).{0,5000}?(--allow-[a-z]+) flag/s.exec(message) ?? [];
  return access && `permission for ${access} is missing: add ${flag}`;
}

/** Maximum number of characters of a message within another message. */
const LONGEST_MESSAGE = 2000;

/** Removes all of the given characters from the end of a text, in linear time unlike a regular expression. */
export function withoutEnding(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/**
 * Returns a name for a message, on one line: control characters, line breaks, invisible characters and marks
 * of text direction are escaped.
 */
export function shownName(name: string): string {
  return name.replace(
    /[\p{Cc}\u2028\u2029\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu,
    (character) => {
      const json = JSON.stringify(character).slice(1, -1);
      return json === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}` : json;
    },
  );
}

/** Maximum number of characters quoted in a message. */
const LONGEST_QUOTE = 200;

/** Returns text of a file for a message: shortened, escaped and on one line. */
export function quoteOf(text: string): string {
  return shownName(text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text);
}

/** Formats a count with its noun: `"1 image"`, `"2 images"`. */
export function counted(count: number, thing: string, things: string = `${thing}s`): string {
  return `${count} ${count === 1 ? thing : things}`;
}
