/** Splitting of a line into fields. */

/** Splits a line at a separator outside of quotes; quotes around fields are removed. */
export function splitFields(line: string, separator: string): string[] {
  const fields: string[] = [];
  for (let at = 0; at <= line.length;) {
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
