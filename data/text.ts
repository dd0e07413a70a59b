/** Wording shared by this room's errors. */

/** `"a, b, c and 4 more"`: names for a message, as {@linkcode shownName} shows them, some of them where there are many. */
export function someOf(names: readonly string[], most = 5): string {
  if (names.length === 0) return "nothing";
  const shown = names.slice(0, most).map(shownName).join(", ");
  return names.length <= most ? shown : `${shown} and ${names.length - most} more`;
}

/** The message of whatever was thrown, as one line to be put into another message, which names the file already. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/ \(os error \d+\).*$/s, "").replace(/\s+/g, " ").replace(/[. ]+$/, "");
}

/**
 * A name for a message, in one line that says what it is: control characters, line breaks and marks that turn the
 * direction of what follows are shown by their numbers.
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

/** Letters of a file that a message repeats at most. */
const LONGEST_QUOTE = 200;

/** Something of a file for a message: short enough, and on one line. */
export function quoteOf(text: string): string {
  return shownName(text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text);
}

/** `"1 image"`, `"2 images"`. */
export function counted(count: number, thing: string, things: string = `${thing}s`): string {
  return `${count} ${count === 1 ? thing : things}`;
}
