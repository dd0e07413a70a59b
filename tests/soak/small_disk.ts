/** File systems of a fixed size, in memory, which the administrator of a Linux system can mount. */

/** A mounted file system. */
export interface SmallDisk {
  /** Makes room. */
  enlarge(): Promise<void>;
}

/**
 * Mounts a file system on a folder while a function uses it.
 * @param size Value of the options of the mount, such as `size=500k`.
 * @returns false if the system does not allow that.
 */
export async function withSmallDisk(
  folder: string,
  size: string,
  use: (disk: SmallDisk) => Promise<void>,
): Promise<boolean> {
  const root = await rootCommand();
  if (root === null) return false;
  await Deno.mkdir(folder, { recursive: true });
  const mount = ["mount", "-t", "tmpfs", "-o"], owner = `uid=${Deno.uid()},gid=${Deno.gid()},mode=0755`;
  if (!await succeeds([...root, ...mount, `${owner},${size}`, "tmpfs", folder])) return false;
  try {
    await use({
      async enlarge() {
        const options = "remount,size=64m,nr_inodes=10000";
        if (!await succeeds([...root, "mount", "-o", options, folder])) {
          throw new Error("Cannot enlarge the disk");
        }
      },
    });
  } finally {
    await succeeds([...root, "umount", folder]);
  }
  return true;
}

/** Returns whether this process can mount small disks. */
export async function canMountDisks(): Promise<boolean> {
  const folder = await Deno.makeTempDir();
  try {
    return await withSmallDisk(folder, "size=16k", () => Promise.resolve());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Returns the words before a command that root must run; null if this process cannot. */
async function rootCommand(): Promise<readonly string[] | null> {
  if (Deno.build.os !== "linux") return null;
  if (Deno.uid() === 0) return [];
  return await succeeds(["sudo", "-n", "true"]) ? ["sudo", "-n"] : null;
}

async function succeeds([program = "", ...args]: readonly string[]): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
