/** Claims of run folders: two runs never share one. */
import { join } from "node:path";
import { FolderClaims } from "../../cli/storage/folder_claims.ts";
import { FolderInUseError, lockName } from "../../cli/storage/folder_lock.ts";
import { assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";
import { namesIn } from "./command.ts";

const bytes = new Uint8Array([1]);
const lock = (owner: unknown) => new TextEncoder().encode(JSON.stringify(owner));

Deno.test("claims: a claimed folder is refused until it is released, and an empty one is deleted again", async () => {
  await withFiles({}, async (directory) => {
    const path = join(directory, "a", "b");
    {
      await using first = new FolderClaims();
      await first.claim(path);
      await first.claim(path);
      assertEquals(namesIn(path), [lockName]);
      await using second = new FolderClaims();
      const error = await assertRejects(
        () => second.claim(path),
        FolderInUseError,
        `process ${Deno.pid} on `,
      );
      assertMatch(error.message, / since \S+Z\. Wait for its end, or set another --output\.$/);
      // The refused one neither takes the lock nor the folder away.
      await second[Symbol.asyncDispose]();
      assertEquals(namesIn(path), [lockName]);
    }
    assertEquals(namesIn(directory), []);

    await using third = new FolderClaims();
    await third.claim(path);
    await Deno.writeFile(join(path, "file"), bytes);
    await third[Symbol.asyncDispose]();
    assertEquals(namesIn(path), ["file"]);
  });
});

Deno.test("claims: a process that has locked a folder, but not yet written its name, is waited for", async () => {
  const other = { process: 7, host: Deno.hostname(), boot: null, started: "2026-01-02T03:04:05.678Z" };
  await withFiles({ [lockName]: new Uint8Array() }, async (directory) => {
    const file = await Deno.open(join(directory, lockName), { read: true, write: true });
    await file.lock(true);
    await using claims = new FolderClaims();
    const refused = assertRejects(() => claims.claim(directory), FolderInUseError, "process 7 on ");
    await new Promise((resolve) => setTimeout(resolve, 250));
    await file.write(lock(other));
    await refused;
    file.close();
  });
});

Deno.test("claims: default folders that are taken get a number", async () => {
  await withFiles({}, async (directory) => {
    const name = join(directory, "runs", "now");
    await using claims = new FolderClaims();
    const paths = await Promise.all(Array.from({ length: 5 }, () => claims.claimNew(name)));
    assertEquals(paths.sort(), [name, ...[2, 3, 4, 5].map((number) => `${name}-${number}`)]);
  });
});

Deno.test("claims: a lock of a process that ended is taken over, one of another computer is not", async () => {
  const elsewhere = { process: 7, host: "another", boot: "another", started: "2026-01-02T03:04:05.678Z" };
  const here = { ...elsewhere, host: Deno.hostname() };
  const claimWith = async (content: Uint8Array) => {
    await withFiles({ [lockName]: content }, async (directory) => {
      await using claims = new FolderClaims();
      await claims.claim(directory);
      assertEquals(JSON.parse(await Deno.readTextFile(join(directory, lockName))).process, Deno.pid);
    });
  };
  await claimWith(lock(here));
  await claimWith(lock("no owner"));
  await claimWith(new Uint8Array());
  const error = await assertRejects(() => claimWith(lock(elsewhere)), FolderInUseError);
  assertMatch(
    error.message,
    /process 7 on another has written a run there since 2026-.*free 3 minutes after its end, or once \S+run\.lock is deleted;/,
  );
  // Without a sign of life for three minutes, its process has ended.
  await withFiles({ [lockName]: lock(elsewhere) }, async (directory) => {
    const before = new Date(Date.now() - 181_000);
    await Deno.utime(join(directory, lockName), before, before);
    await using claims = new FolderClaims();
    await claims.claim(directory);
    assertEquals(namesIn(directory), [lockName]);
  });
  if (Deno.build.os !== "linux") return;
  // A container has a name of its own, but the locks of its computer.
  const boot = (await Deno.readTextFile("/proc/sys/kernel/random/boot_id")).trim();
  await claimWith(lock({ ...elsewhere, boot }));
});

Deno.test("claims: the parts of a run's files that a killed process left are deleted, others stay", async () => {
  const part = ".0b9f6e0e-6c52-4b9d-9f5e-1f5b4d0c8a11.part";
  const names = ["checkpoint-000007.safetensors", "log.jsonl", "notes.txt"];
  await withFiles(Object.fromEntries(names.map((name) => [`${name}${part}`, bytes])), async (directory) => {
    await using claims = new FolderClaims();
    await claims.claim(directory);
    assertEquals(namesIn(directory), [`notes.txt${part}`, lockName]);
  });
});

Deno.test("claims: a folder that vanishes, and is claimed anew, is left to its new owner", async () => {
  await withFiles({}, async (directory) => {
    const path = join(directory, "a");
    await using first = new FolderClaims();
    await first.claim(path);
    await Deno.remove(path, { recursive: true });
    await using second = new FolderClaims();
    await second.claim(path);
    await first[Symbol.asyncDispose]();
    assertEquals(namesIn(path), [lockName]);
  });
});

Deno.test("claims: folders that cannot be created or written to are refused", async () => {
  await withFiles({ file: bytes }, async (directory) => {
    await using claims = new FolderClaims();
    await assertRejects(() => claims.claim(join(directory, "file", "a")), Error, "Cannot create the folder ");
    await Deno.mkdir(join(directory, "b", lockName), { recursive: true });
    await assertRejects(() => claims.claim(join(directory, "b")), Error, "it is not a regular file");
    if (Deno.build.os !== "windows") {
      await Deno.mkdir(join(directory, "d"));
      await Deno.symlink(join(directory, "file"), join(directory, "d", lockName));
      await assertRejects(() => claims.claim(join(directory, "d")), Error, "it is not a regular file");
    }
    assertEquals(await Deno.readFile(join(directory, "file")), bytes);
  });
});
