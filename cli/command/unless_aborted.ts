/**
 * Work that a signal ends at once.
 * @module
 */

/**
 * Returns the result of work that has nothing to save, such as reading a folder. The work itself goes on until the
 * process ends.
 * @throws the signal's reason as soon as it aborts.
 */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
