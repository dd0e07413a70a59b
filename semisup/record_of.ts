/** Returns an object with a value for each name. */
export function recordOf<Name extends string, T>(
  names: readonly Name[],
  valueOf: (name: Name, index: number) => T,
): Record<Name, T> {
  return Object.fromEntries(names.map((name, i) => [name, valueOf(name, i)])) as Record<Name, T>;
}
