/** Long computations that can be stopped. */

/** Lets the program do what waits to be done, such as hearing a signal. @throws the signal's reason when it came. */
export async function pause(signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve, 0));
  signal?.throwIfAborted();
}
