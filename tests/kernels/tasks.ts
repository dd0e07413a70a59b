/** Processes that are tasks of this one. */

/** Returns sums for processes that are tasks of this one: each sum ends when all have passed their values. */
export function tasks(count: number): ((values: Float32Array) => Promise<void>)[] {
  let waiting: { readonly values: Float32Array; readonly done: () => void }[] = [];
  return Array.from({ length: count }, () => (values: Float32Array) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push({ values, done: resolve });
    if (waiting.length === count) {
      const all = waiting;
      waiting = [];
      const total = all.map((each) => each.values).reduce((a, b) => a.map((value, i) => value + b[i]!));
      for (const each of all) {
        each.values.set(total);
        each.done();
      }
    }
    return promise;
  });
}
