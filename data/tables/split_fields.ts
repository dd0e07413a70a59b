/** Splitting of a line into fields. */

/** Maximum number of fields of a line: enough for 256×256 pixels of three numbers, and some more. */
export const MOST_FIELDS = 200_000;

/**
 * Splits a line at a separator outside of quotes, and removes quotes around fields. Stops after one more than
 * {@linkcode MOST_FIELDS}.
 */
export function splitFields(line: string, separator: string): string[] {
  const fields: string[] = [];
  for (let at = 0; at <= line.length && fields.length <= MOST_FIELDS;) {
    const end = findFieldEnd(line, at, separator);
    fields.push(unquote(line.slice(at, end)));
    at = end + 1;
  }
  return fields;
}

function findFieldEnd(line: string, start: number, separator: string): number {
  let from = start;
  while (line[from] === " ") from++;
  // A doubled quote ends one quoted part and begins the next.
  while (line[from] === '"') from = Math.max(line.indexOf('"', from + 1), from) + 1;
  const end = line.indexOf(separator, from);
  return end < 0 ? line.length : end;
}

/** Removes quotes around a field. */
export function unquote(field: string): string {
  const plain = field.trim();
  return plain.length > 1 && plain.startsWith('"') && plain.endsWith('"')
    ? plain.slice(1, -1).replaceAll('""', '"')
    : field;
}

/** Returns the words of a field between blanks. */
export function wordsOf(field: string): string[] {
  return field.trim().split(/\s+/);
}
