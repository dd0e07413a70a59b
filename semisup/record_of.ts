/** An object with a value for each name. */
export function recordOf<Name extends string, T>(
  names: readonly Name[],
  of: (name: Name, index: number) => T,
): Record<Name, T> {
  return Object.fromEntries(names.map((name, i) => [name, of(name, i)])) as Record<Name, T>;
}
