/** Attacks on every server of the project: refused, and it serves on. */
import { join } from "node:path";
import { Dashboard } from "../../cli/dashboard/dashboard.ts";
import { RunsPage } from "../../cli/dashboard/runs_page.ts";
import { createLabelSite } from "../../cli/label/label_site.ts";
import { openSource } from "../../cli/label/label_source.ts";
import { LabelSession } from "../../cli/label/session.ts";
import { BatchQueue } from "../../cli/serve/batch_queue.ts";
import { PredictionSite } from "../../cli/serve/prediction_site.ts";
import { startWebServer } from "../../cli/web/web_server.ts";
import { DecodePool } from "../../data/files/mod.ts";
import type { Device } from "../../kernels/mod.ts";
import { Model } from "../../nn/mod.ts";
import { assert, assertEquals } from "../assert.ts";
import { writeRun } from "../cli/made_up_run.ts";
import { numbered, png, pngHead, withFiles } from "../data/fixtures.ts";
import { deviceWith, gpuTest } from "../kernels/device.ts";
import { madeUpModel } from "../nn/made_up_model.ts";
import { attack, attacks, type Target, tokenAttacks } from "./attacks.ts";

/** A running server, and a request that it must answer. */
interface Served {
  readonly address: string;
  readonly posts: Target["posts"];
  readonly isServing: () => Promise<boolean>;
}

const isOk = async (address: string, init: RequestInit = {}) => {
  const response = await fetch(address, init);
  await response.body?.cancel();
  return response.ok;
};

/** Opens connections that send a part of a request, or nothing. */
async function connect(port: number, count: number, part: string): Promise<Deno.Conn[]> {
  const bytes = new TextEncoder().encode(part);
  return await Promise.all(Array.from({ length: count }, async () => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await connection.write(bytes).catch(() => {});
    return connection;
  }));
}

/** Makes sure that a server refuses all attacks, and serves on after each. */
async function assertRefused({ address, posts, isServing }: Served): Promise<void> {
  const { port, pathname: path } = new URL(address), target = { port: Number(port), path, posts };
  for (const each of [...attacks, ...(path === "/" ? [] : tokenAttacks)]) {
    const { statuses, text, sent } = await attack(target, each);
    const all = statuses.length === 0 ? [0] : statuses;
    assert(
      all.every((status) => each.statuses.includes(status)),
      `${each.name}: ${all}\n${text.slice(0, 500)}`,
    );
    assert(!/^root:|"compilerOptions"|import /m.test(text), `${each.name}: ${text}`);
    // The server drops some megabytes, so that senders see its answer.
    assert(sent < 2 ** 27, `${each.name}: ${sent} bytes were taken`);
    if (/10 GB|headers|WebSocket|behind/.test(each.name)) assert(await isServing(), each.name);
  }
  const head = `POST ${path}${posts[0]} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n`;
  const slow = [
    ...await connect(target.port, 100, `${head}x-a: `),
    ...await connect(target.port, 20, `${head}content-length: 100\r\n\r\n{`),
  ];
  assert(await isServing(), "slow senders lock others out");
  const idle = await connect(target.port, 1000, "");
  assert(await isServing(), "idle connections lock others out");
  for (const connection of [...slow, ...idle]) connection.close();
  assert(await isServing());
}

const photos = {
  ...Object.fromEntries(
    Array.from(
      { length: 8 },
      (_, i) => [`photos/${i}.png`, png(12, 8, numbered(i, (x, y) => 20 * x + i * y))],
    ),
  ),
  "photos/bomb.png": pngHead(60_000, 60_000),
  "out/keep": new Uint8Array(),
};

Deno.test("attacks: the labelling page, with a picture bomb in its folder", async () => {
  await withFiles(photos, async (directory) => {
    using decoder = new DecodePool(1);
    const { signal } = new AbortController();
    const source = await openSource(join(directory, "photos"), {
      labels: null,
      unlabelled: true,
      decoder,
      signal,
    });
    const options = { folder: join(directory, "out"), count: 9, seed: 1, training: {}, minutes: null };
    await using session = await LabelSession.open(source, options);
    const { site, channel } = createLabelSite(session, source.shown), errors: unknown[] = [];
    const server = await startWebServer({ ...site, onError: (error) => errors.push(error) });
    try {
      const bomb = source.names.indexOf("bomb.png");
      const before = Deno.memoryUsage().rss;
      const answer = await fetch(`${server.address}picture/${bomb}`);
      assertEquals([answer.status, await answer.text()], [404, "The picture cannot be decoded.\n"]);
      assert(Deno.memoryUsage().rss - before < 2 ** 29, "the bomb took memory");
      await assertRefused({
        address: server.address,
        posts: ["label", "next", "train"],
        isServing: () => isOk(`${server.address}picture/${(bomb + 1) % 8}`),
      });
      assertEquals([session.labels.size, errors], [0, []]);
    } finally {
      channel.close();
      await server.stop();
    }
  });
});

Deno.test("attacks: the dashboard of runs in folders", async () => {
  await withFiles({}, async (directory) => {
    await writeRun(join(directory, "a"), {});
    using page = new RunsPage([directory], null);
    await page.refresh();
    const errors: unknown[] = [];
    const { address, stop } = await startWebServer({ ...page.site, onError: (error) => errors.push(error) });
    try {
      await assertRefused({ address, posts: ["examine"], isServing: () => isOk(`${address}dashboard.css`) });
      assertEquals(errors, []);
    } finally {
      await stop();
    }
  });
});

Deno.test("attacks: the dashboard of a command that trains", async () => {
  const { log } = console;
  console.log = () => {};
  await using dashboard = await Dashboard.start({ port: 0 }).finally(() => console.log = log);
  const { address } = dashboard;
  await assertRefused({ address, posts: ["pause", "stop", "checkpoint"], isServing: () => isOk(address) });
});

gpuTest("attacks: serve", async (device: Device) => {
  const contents = madeUpModel("convnet_small", { imageShape: [1, 8, 8], classes: ["cat", "dog"] });
  using model = await Model.create(contents, { device: deviceWith(device, {}) });
  const limits = { maximumBody: 2 ** 16, mostPixels: 1e6, timeLimit: 60, maximumRequests: 64 };
  const site = new PredictionSite(model, new BatchQueue(model, 4), limits), errors: unknown[] = [];
  const server = await startWebServer(site.site((error) => errors.push(error)), { token: "" }, limits);
  const body = new Uint8Array(png(8, 8, (x, y) => x * 20 + y * 9));
  try {
    await assertRefused({
      address: server.address,
      posts: ["predict"],
      isServing: () => isOk(`${server.address}predict`, { method: "POST", body }),
    });
    const bomb = new Uint8Array(pngHead(60_000, 60_000));
    const answer = await fetch(`${server.address}predict`, { method: "POST", body: bomb });
    assertEquals([answer.status, (await answer.json()).error.includes("60000×60000")], [400, true]);
    assertEquals(errors, []);
  } finally {
    await server.stop();
  }
});
