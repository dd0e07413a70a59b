/** Pauses in long computations. */

/** Yields to the event loop, so that signals can arrive. @throws the signal's reason when it was aborted. */
export async function pause(signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve, 0));
  signal?.throwIfAborted();
}
