/**
 * The identity of the running system.
 * @module
 */

/** Returns text that identifies the system since its last start, containers on it included; null if it does not tell. */
export function bootId(): string | null {
  try {
    return Deno.build.os === "linux" ? Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim() : null;
  } catch {
    return null;
  }
}
