/** The most memory that this process had since a moment. */
import process from "node:process";

const status = "/proc/self/status", reset = "/proc/self/clear_refs";
let isKnown = Deno.build.os === "linux";

/** Begins to watch. On systems that do not tell, the memory at both ends is compared. @returns a function that tells the growth in bytes. */
export function watchPeak(): () => number {
  const before = process.memoryUsage.rss();
  try {
    if (isKnown) Deno.writeTextFileSync(reset, "5");
  } catch {
    isKnown = false;
  }
  return () => (isKnown ? peakBytes() : process.memoryUsage.rss()) - before;
}

function peakBytes(): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(Deno.readTextFileSync(status)) ?? [];
  return 1024 * Number(kilobytes);
}
