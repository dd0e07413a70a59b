/**
 * Faults in the file operations of a process. Operations are counted from 0: creating, writing, renaming and deleting
 * files, and creating folders.
 */

/** A fault of one operation, or of all. */
export interface Fault {
  /** Kind: the process is killed, the operation fails as on a full disk, or writes take only some of the bytes. */
  readonly kind: "kill" | "full" | "short";
  /** Operation at which a process is killed or the disk becomes full. */
  readonly at: number;
  /** Part of the paths on another disk, which has room; only for "full". */
  readonly roomIn?: string;
  /** Share of the bytes that are written before a process is killed, or the disk is full. */
  readonly share: number;
  /** File that receives the number of operations. */
  readonly countFile?: string;
}

/** Error of a full disk, as Deno throws it. */
const fullDisk = () => new Error("No space left on device (os error 28)");

function install({ kind, at, roomIn, share, countFile }: Fault): void {
  const { write } = Deno.FsFile.prototype, { writeTextFileSync } = Deno;
  let operations = 0;
  /** Returns whether the next operation is at fault. */
  const isStruck = () => {
    const place = operations++ - at;
    return kind === "full" ? place >= 0 : kind === "kill" && place === 0;
  };
  const kill = () => Deno.kill(Deno.pid, "SIGKILL");
  const isElsewhere = (path: unknown) => roomIn !== undefined && `${path}`.includes(roomIn);
  const elsewhere = new WeakSet<Deno.FsFile>();
  Deno.FsFile.prototype.write = async function (bytes) {
    if (elsewhere.has(this)) return await write.call(this, bytes);
    const part = bytes.subarray(0, Math.max(1, Math.floor(share * bytes.length)));
    if (kind === "short") return await write.call(this, part);
    if (!isStruck()) return await write.call(this, bytes);
    await write.call(this, part);
    if (kind === "kill") kill();
    throw fullDisk();
  };
  for (const name of ["open", "rename", "remove", "mkdir"] as const) {
    // deno-lint-ignore no-explicit-any -- operations of any arguments
    const original: (...args: any[]) => Promise<unknown> = Deno[name];
    // deno-lint-ignore no-explicit-any -- as above
    const faulty = async (...args: any[]) => {
      if (isElsewhere(args[0])) {
        const opened = await original(...args);
        if (opened instanceof Deno.FsFile) elsewhere.add(opened);
        return opened;
      }
      const isReading = name === "open" && args[1]?.write !== true && args[1]?.append !== true;
      if (isReading || !isStruck()) return await original(...args);
      if (kind === "kill" && share < 0.5) kill();
      // Deleting needs no space.
      if (kind === "full" && name !== "remove") throw fullDisk();
      const result = await original(...args);
      if (kind === "kill") kill();
      return result;
    };
    Object.assign(Deno, { [name]: faulty });
  }
  if (countFile !== undefined) {
    globalThis.addEventListener("unload", () => writeTextFileSync(countFile, `${operations}`));
  }
}

/** Installs the fault in the variable MT_FAULT, as JSON; without it none. */
export function installFaultOfEnvironment(): void {
  const fault = Deno.env.get("MT_FAULT");
  if (fault !== undefined) install(JSON.parse(fault));
}
