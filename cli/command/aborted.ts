/**
 * Waiting for signals.
 * @module
 */

/** Waits until a signal aborts. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/**
 * Returns the result of work that has nothing to save, such as reading a folder. The work itself goes on until the
 * process ends.
 * @throws the signal's reason as soon as it aborts.
 */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = untilAborted(signal).then(() => Promise.reject(signal.reason));
  return await Promise.race([work, aborted]);
}
