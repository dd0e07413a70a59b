import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Checksum } from "../../data/files/checksum.ts";
import { findDataset, openAtomically } from "../../data/files/mod.ts";
import { download, type DownloadProgress } from "../../data/files/download.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { withFiles } from "./fixtures.ts";

const CONTENTS = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7) % 253);
const CHECKSUM: Checksum = { algorithm: "md5", digest: createHash("md5").update(CONTENTS).digest("hex") };

/** Runs a test with a server of this machine, and a folder. */
async function withServer(
  answer: () => Response,
  test: (url: string, directory: string) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  try {
    await withFiles({}, (directory) => test(`http://127.0.0.1:${server.addr.port}/file`, directory));
  } finally {
    await server.shutdown();
  }
}

async function filesIn(directory: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name);
}

Deno.test("download: a file arrives whole, with progress, in a folder made for it", async () => {
  await withServer(() => new Response(CONTENTS), async (url, directory) => {
    const path = join(directory, "new", "file");
    const seen: DownloadProgress[] = [];
    await download(url, path, { checksum: CHECKSUM, onProgress: (progress) => seen.push(progress) });
    assertEquals(await Deno.readFile(path), CONTENTS);
    assertEquals(seen.at(-1), { url, receivedBytes: CONTENTS.length, totalBytes: CONTENTS.length });
    assert(seen.every(({ receivedBytes }, i) => i === 0 || receivedBytes > seen[i - 1]!.receivedBytes));
    assertEquals(await filesIn(join(directory, "new")), ["file"]);
  });
});

Deno.test("download: a file of another checksum is not kept, and what was there stays", async () => {
  await withServer(() => new Response(CONTENTS.subarray(1)), async (url, directory) => {
    const path = join(directory, "file");
    await Deno.writeTextFile(path, "former");
    await assertRejects(() => download(url, path, { checksum: CHECKSUM }), SyntaxError, CHECKSUM.digest);
    assertEquals(await filesIn(directory), ["file"]);
    assertEquals(await Deno.readTextFile(path), "former");
  });
});

Deno.test("download: what killed processes left is deleted, but not what others write or have named so", async () => {
  await withServer(() => new Response(CONTENTS), async (url, directory) => {
    const at = (name: string) => join(directory, name), id = "01234567-89ab-4cde-8f01-23456789abcd";
    const hourAgo = new Date(Date.now() - 3_600_000);
    for (const name of [`old.${id}.part`, "song.part", `${id}.part`]) {
      await Deno.writeTextFile(at(name), "x");
      await Deno.utime(at(name), hourAgo, hourAgo);
    }
    await Deno.writeTextFile(at(`new.${id}.part`), "x");
    await Deno.mkdir(at(`folder.${id}.part`));
    await using written = await openAtomically(at("other"));
    const [part = ""] = (await filesIn(directory)).filter((name) => name.startsWith("other."));
    await Deno.utime(at(part), hourAgo, hourAgo);
    await download(url, at("file"), { checksum: CHECKSUM });
    assertEquals(
      (await filesIn(directory)).sort(),
      [`${id}.part`, "file", `folder.${id}.part`, `new.${id}.part`, part, "song.part"].sort(),
    );
    await written.finish();
    assert((await filesIn(directory)).includes("other"));
  });
});

Deno.test({
  name: "download: what a killed process has not finished is deleted by the next one",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await withServer(() => new Response(CONTENTS), async (url, directory) => {
      const module = new URL("../../data/files/atomic_file.ts", import.meta.url);
      const program = `const { openAtomically } = await import(${JSON.stringify(module.href)});
        const file = await openAtomically("big");
        await file.write("half");
        Deno.kill(Deno.pid, "SIGKILL");`;
      const { signal } = await new Deno.Command(Deno.execPath(), {
        args: ["eval", program],
        cwd: directory,
      }).output();
      const [part = ""] = await filesIn(directory), hourAgo = new Date(Date.now() - 3_600_000);
      assertEquals([signal, part.slice(0, 4), part.slice(-5)], ["SIGKILL", "big.", ".part"]);
      await Deno.utime(join(directory, part), hourAgo, hourAgo);
      await download(url, join(directory, "file"), { checksum: CHECKSUM });
      assertEquals(await filesIn(directory), ["file"]);
    });
  },
});

Deno.test("download: an error of the server and an unreachable server give different errors", async () => {
  await withServer(() => new Response("no", { status: 404 }), async (url, directory) => {
    const run = () => download(url, join(directory, "file"), { checksum: CHECKSUM });
    await assertRejects(run, Error, "the server answered 404 Not Found");
    assertEquals(await filesIn(directory), []);
  });
  await withFiles({}, async (directory) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    const run = () =>
      download(`http://127.0.0.1:${port}/file`, join(directory, "file"), { checksum: CHECKSUM });
    await assertRejects(run, Error, "the server cannot be reached");
  });
});

Deno.test("download: a broken connection is reported and the part is removed", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serveHalf = async () => {
    using connection = await listener.accept();
    await connection.read(new Uint8Array(4096));
    const header = `HTTP/1.1 200 OK\r\nContent-Length: ${CONTENTS.length}\r\n\r\n`;
    await connection.write(new TextEncoder().encode(header));
    await connection.write(CONTENTS.subarray(0, 1000));
  };
  const served = serveHalf();
  await withFiles({}, async (directory) => {
    const url = `http://127.0.0.1:${listener.addr.port}/file`;
    const run = () => download(url, join(directory, "file"), { checksum: CHECKSUM });
    await assertRejects(run, Error, "the connection broke after");
    assertEquals(await filesIn(directory), []);
  });
  await served;
  listener.close();
});

Deno.test("download: a signal stops it and the part is removed", async () => {
  const endless = () =>
    new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        controller.enqueue(CONTENTS.subarray(0, 1000));
      },
    });
  await withServer(() => new Response(endless()), async (url, directory) => {
    const abort = new AbortController();
    const run = () =>
      download(url, join(directory, "file"), {
        checksum: CHECKSUM,
        signal: abort.signal,
        onProgress: ({ receivedBytes }) => receivedBytes > 3000 && abort.abort(),
      });
    const error = await assertRejects(run);
    assertEquals(error.name, "AbortError");
    assertEquals(await filesIn(directory), []);
  });
});

Deno.test("download: datasets fetch from their official address, into the folder given, and verify", async () => {
  const cases = [
    { name: "cifar10", address: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz" },
    { name: "cifar100", address: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz" },
    { name: "svhn", address: "http://ufldl.stanford.edu/housenumbers/train_32x32.mat" },
    {
      name: "fashion-mnist",
      address: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/train-images-idx3-ubyte.gz",
    },
  ];
  const { fetch } = globalThis;
  for (const { name, address } of cases) {
    await withFiles({}, async (directory) => {
      const asked: string[] = [];
      const seen: DownloadProgress[] = [];
      globalThis.fetch = (input) => {
        asked.push(String(input));
        return Promise.resolve(new Response(CONTENTS));
      };
      try {
        const dataDirectory = join(directory, "new");
        const options = {
          dataDirectory,
          download: true,
          onProgress: (it: DownloadProgress) => seen.push(it),
        };
        const error = await assertRejects(
          () => findDataset(name).load(options),
          SyntaxError,
          "checksum must be",
        );
        assert(error.message.includes(address));
        assertEquals(await filesIn(dataDirectory), []);
      } finally {
        globalThis.fetch = fetch;
      }
      assertEquals(asked, [address]);
      assertEquals(seen.at(-1)?.receivedBytes, CONTENTS.length);
    });
  }
});
