/** Files that users name by URL: secure, verified, limited in size, and downloaded once. */
import { createHash } from "node:crypto";
import { downloadToCache } from "../../data/files/mod.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { withFiles } from "./fixtures.ts";

const contents = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) % 251);
const sha256 = createHash("sha256").update(contents).digest("hex");

async function withServer(
  answer: (request: Request) => Response,
  test: (
    base: string,
    options: { directory: string; maximumBytes: number },
    asked: () => number,
  ) => Promise<void>,
): Promise<void> {
  let asked = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    asked++;
    return answer(request);
  });
  try {
    await withFiles(
      {},
      (directory) =>
        test(`http://127.0.0.1:${server.addr.port}`, { directory, maximumBytes: 200_000 }, () => asked),
    );
  } finally {
    await server.shutdown();
  }
}

Deno.test("cached download: a file is downloaded once, with its name and with progress", async () => {
  await withServer(() => new Response(contents), async (base, options, asked) => {
    const url = `${base}/resolve/main/model%20a.safetensors?download=true`;
    const seen: number[] = [];
    const first = await downloadToCache(url, {
      ...options,
      sha256: sha256.toUpperCase(),
      onProgress: ({ receivedBytes }) => seen.push(receivedBytes),
    });
    assertMatch(first.path, /\/[0-9a-f]{16}-model_a\.safetensors$/);
    assertEquals([first.wasCached, seen.at(-1), await Deno.readFile(first.path)], [false, 100_000, contents]);
    const again = await downloadToCache(url, { ...options, sha256: sha256.toUpperCase() });
    assertEquals([again, asked()], [{ path: first.path, wasCached: true }, 1]);
    // Another URL, or another checksum, is another file.
    const other = await downloadToCache(`${url}&v=2`, options);
    assert(other.path !== first.path && !other.wasCached);
  });
});

Deno.test("cached download: a wrong checksum and a large file are refused and leave nothing", async () => {
  const stream = () =>
    new ReadableStream({
      start(controller) {
        for (let i = 0; i < 5; i++) controller.enqueue(contents);
        controller.close();
      },
    });
  // With a stated length the body is not read; without one the download stops at the limit.
  for (const answer of [() => new Response(contents), () => new Response(stream())]) {
    await withServer(answer, async (base, options) => {
      const limit = { ...options, maximumBytes: 99_999 };
      await assertRejects(
        () => downloadToCache(`${base}/a`, limit),
        RangeError,
        "must be at most 99999 bytes",
      );
      const wrong = { ...options, maximumBytes: 1e9, sha256: "0".repeat(64) };
      await assertRejects(() => downloadToCache(`${base}/a`, wrong), SyntaxError, "checksum must be 0000");
      assertEquals(await Array.fromAsync(Deno.readDir(options.directory)), []);
    });
  }
});

Deno.test("cached download: URLs and redirects that others could change are refused", async () => {
  const insecure = "must begin with https://, but begins with http://";
  for (
    const [url, message] of [
      ["http://example.org/a.safetensors", insecure],
      ["ftp://example.org/a", "begins with ftp://"],
      ["https://", "it is not a URL"],
    ] as const
  ) {
    await assertRejects(() => downloadToCache(url, { maximumBytes: 1 }), RangeError, message);
  }
  // The address 0.0.0.0 also leads to this machine, but is treated as a stranger.
  const stranger = Deno.serve(
    { hostname: "0.0.0.0", port: 0, onListen() {} },
    () => new Response(contents),
  );
  try {
    const target = `http://0.0.0.0:${stranger.addr.port}/a`;
    await withServer(() => Response.redirect(target), async (base, options) => {
      await assertRejects(() => downloadToCache(`${base}/a`, options), RangeError, insecure);
      assertEquals(await Array.fromAsync(Deno.readDir(options.directory)), []);
    });
  } finally {
    await stranger.shutdown();
  }
});
