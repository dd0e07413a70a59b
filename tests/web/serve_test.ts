/** `serve`: predictions over HTTP, its batches and limits, attacks, load, and its end. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BatchQueue } from "../../cli/serve/batch_queue.ts";
import { Gate } from "../../cli/serve/gate.ts";
import { PredictionSite, type ServeLimits } from "../../cli/serve/prediction_site.ts";
import { type Predicted, predictFiles } from "../../cli/pictures/predictions.ts";
import { startWebServer, type WebLimits, type WebServer } from "../../cli/web/web_server.ts";
import type { DamagedFile } from "../../data/mod.ts";
import { GpuLostError } from "../../kernels/mod.ts";
import { Model, type Prediction, writeModel } from "../../nn/mod.ts";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "../assert.ts";
import { assertEnded, commandOf, run } from "../cli/command.ts";
import { png, pngHead, withFiles } from "../data/fixtures.ts";
import { deviceWith, gpuTest } from "../kernels/device.ts";
import { madeUpModel } from "../nn/made_up_model.ts";
import { rawRequest, requestText, statusOf } from "./raw_request.ts";
import type { Load } from "./serve_load.ts";

const contents = madeUpModel("convnet_small", { imageShape: [1, 8, 8], classes: ["cat", "dog", "hen"] });
const picture = new Uint8Array(png(8, 8, (x, y) => x * 20 + y * 9));

/** Starts the site of a made-up model, and stops it. */
const serveTest = (
  name: string,
  test: (
    server: WebServer,
    facts: { site: PredictionSite; errors: unknown[]; model: Model },
  ) => Promise<void>,
  limits: Partial<ServeLimits & WebLimits> = {},
) =>
  gpuTest(`serve: ${name}`, async (device) => {
    using model = await Model.create(contents, { device: deviceWith(device, {}) });
    const errors: unknown[] = [], all = { ...usual, ...limits };
    const site = new PredictionSite(model, new BatchQueue(model, 4), all);
    const server = await startWebServer(site.site((error) => errors.push(error)), { token: "" }, all);
    try {
      await test(server, { site, errors, model });
      assertEquals((await post(server, picture)).status, 200);
      assertEquals(errors, []);
    } finally {
      await server.stop();
    }
  });
const usual: ServeLimits & Partial<WebLimits> = {
  maximumBody: 2 ** 16,
  mostPixels: 1e6,
  timeLimit: 5,
  maximumRequests: 8,
  maximumConnections: 64,
  headTimeout: 5000,
  requestTimeout: 5000,
};

async function post({ address }: WebServer, body: Uint8Array<ArrayBuffer>, query = "", headers = {}) {
  const response = await fetch(`${address}predict${query}`, { method: "POST", body, headers });
  return { status: response.status, headers: response.headers, json: await response.json() };
}

serveTest("a picture is answered with what the model says of it", async (server, { model }) => {
  const [want] = await model.predict([{ planes: planesOf(picture), width: 8, height: 8 }]);
  const { status, headers, json } = await post(server, picture);
  assertEquals([status, headers.get("content-type")], [200, "application/json"]);
  assertEquals(json, { class: want!.className, probability: Number(want!.probability.toPrecision(6)) });
  const all = (await post(server, picture, "?top=3&probabilities=true")).json;
  assertEquals(all.top.length, 3);
  assertEquals(Object.keys(all.probabilities).sort(), ["cat", "dog", "hen"]);
  const get = async (path: string) => await (await fetch(server.address + path)).json();
  assertEquals((await get("model")).classes, ["cat", "dog", "hen"]);
  assertEquals((await get("health")).status, "ok");
  const { openapi, paths } = await get("openapi.json");
  assertEquals(openapi, "3.1.0");
  for (const path of Object.keys(paths)) assert(path === "/predict" || await get(path.slice(1)), path);
  assertEquals((await get("")).openapi, "/openapi.json");
});

serveTest("pictures of all kinds are answered with what predict writes", async (server, { model }) => {
  const path = (name: string) => fileURLToPath(new URL(`../data/images/${name}`, import.meta.url));
  const names = [...Deno.readDirSync(path("."))].map(({ name }) => path(name)).filter((name) =>
    /\.(png|jpg|webp)$/.test(name)
  );
  assert(["turned.jpg", "cmyk.jpg", "rgb16.png"].every((name) => names.includes(path(name))));
  const damaged: DamagedFile[] = [], predicted: Predicted[] = [];
  for await (const batch of predictFiles(model, names, damaged)) predicted.push(...batch);
  assertEquals([damaged, predicted.length], [[], names.length]);
  for (const [name, { probabilities }] of predicted) {
    const { status, json } = await post(server, await Deno.readFile(name), "?probabilities=true");
    assertEquals(status, 200, name);
    model.classes.forEach((each, i) =>
      assertAlmostEquals(json.probabilities[each], probabilities[i] ?? NaN, 1e-6, name)
    );
  }
});

/** Grey pixels of the picture, decoded independently: it is grey, and has the model's size. */
function planesOf(_: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: 64 }, (_, i) => (i % 8) * 20 + Math.floor(i / 8) * 9);
}

Deno.test("serve: the queue classifies together what arrives together, and never waits", async () => {
  const batches: number[] = [];
  const queue = new BatchQueue({
    predictPlanes(planes) {
      batches.push(planes.length);
      if (planes[0] === 9) throw new GpuLostError("The GPU is gone");
      const predictions = Array.from(planes, (value) => ({ classIndex: value }) as Prediction);
      return new Promise((resolve) => setTimeout(() => resolve(predictions), 5));
    },
  }, 4);
  const never = new AbortController().signal;
  const add = (value: number, signal = never) =>
    queue.add({ planes: Uint8Array.of(value), aspect: 1 }, signal).then(({ classIndex }) => classIndex);
  const first = add(1);
  await first;
  const gone = AbortSignal.abort(new Error("gone"));
  const later = Array.from({ length: 9 }, (_, i) => i === 5 ? assertRejects(() => add(0, gone)) : add(i));
  assertEquals(queue.length, 9);
  assertEquals(await Promise.all(later), [0, 1, 2, 3, 4, later[5] && await later[5], 6, 7, 8]);
  assertEquals(batches, [1, 4, 3, 1]);
  await assertRejects(() => add(9), GpuLostError);
  await assertRejects(() => queue.lost, GpuLostError);
});

Deno.test("serve: a gate lets its amount through, and gives waiting ones their turn", async () => {
  const gate = new Gate(2), order: number[] = [];
  const a = await gate.take(), b = gate.tryTake(1);
  assert(b && !gate.tryTake(1));
  const waiting = [1, 2].map(async (n) => {
    using _taken = await gate.take();
    order.push(n);
  });
  assertEquals(order, []);
  a[Symbol.dispose]();
  a[Symbol.dispose]();
  await Promise.all(waiting);
  assertEquals([order, gate.used], [[1, 2], 1]);
  b[Symbol.dispose]();
  assertEquals(gate.tryTake(3), undefined);
});

const bytesOf = (text: string) => new TextEncoder().encode(text);

serveTest("malformed requests get 4xx and the reason", async (server, { site }) => {
  const bomb = new Uint8Array(pngHead(60_000, 60_000)), large = new Uint8Array(png(1500, 700, () => 0));
  for (
    const [body, query, headers, status, reason] of [
      [bytesOf("no picture"), "", {}, 400, "Cannot decode the picture: it is text"],
      [picture.subarray(0, 60), "", {}, 400, "Cannot decode the picture: "],
      [bomb, "", {}, 400, "it has 60000×60000 pixels"],
      [large, "", {}, 400, "it has 1500×700 pixels, but at most 1 million"],
      [new Uint8Array(), "", {}, 400, "it is empty"],
      [new Uint8Array(70_000), "", {}, 413, "must have at most 65536 bytes, but has 70000"],
      [picture, "?top=0", {}, 400, "top must be a whole number from 1 to 3"],
      [picture, "?top=x", {}, 400, "top must be"],
      [picture, "?probabilities=maybe", {}, 400, "probabilities must be true or false"],
      [picture, "?tops=1", {}, 400, "Unknown parameter tops"],
      [picture.subarray(0, 60), "", {}, 400, "Cannot decode the picture: "],
      [bytesOf("\0\0\0\x18ftypheic\0\0\0\0mif1heic"), "", {}, 400, "its data are damaged"],
      [picture, "", { "content-type": "multipart/form-data; boundary=x" }, 415, "not a form"],
      [bytesOf("{}"), "", { "content-type": "application/json; charset=utf-8" }, 415, "not JSON"],
      [picture, "", { "content-encoding": "gzip" }, 415, "without the content-encoding gzip"],
      [picture, "", { origin: "https://evil.example" }, 403, "page of another site"],
      [picture, "", { origin: "null" }, 403, "page of another site"],
      [picture, "", { "sec-fetch-site": "cross-site" }, 403, "page of another site"],
    ] as const
  ) {
    const answer = await post(server, body, query, headers);
    assertEquals(answer.status, status, JSON.stringify(answer.json));
    assertStringIncludes(answer.json.error, reason);
    assert(!answer.headers.has("access-control-allow-origin"));
  }
  assertEquals(site.counts, { classified: 0, refused: 18 });
});

serveTest(
  "other hosts, odd paths and methods, and pictures of unknown length are refused",
  async ({ port }) => {
    const status = async (line: string, headers: Record<string, string | undefined> = {}, body = "") =>
      statusOf(await rawRequest(port, requestText(line, port, headers, body)));
    assertEquals(await status("GET /health"), 200);
    for (const host of ["evil.example", `evil.example:${port}`, undefined, `127.0.0.1:${port + 1}`]) {
      assert([400, 403].includes(await status("GET /health", { host })), host);
    }
    for (
      const path of ["/../etc/passwd", "/%2e%2e/etc/passwd", "/..%2f", "/a\\..\\b", "http://x/health", "*"]
    ) {
      assertEquals(await status(`GET ${path}`), 400, path);
    }
    for (const path of ["//etc/passwd", "/etc/passwd", "/predict/", "/C:/x", "/cli/serve.ts"]) {
      assertEquals(await status(`GET ${path}`), 404, path);
    }
    for (const method of ["PUT", "DELETE", "OPTIONS", "GET"]) {
      assertEquals(
        await status(`${method} /predict`),
        405,
      );
    }
    const chunked = await status("POST /predict", { "transfer-encoding": "chunked" }, "1\r\nx\r\n0\r\n\r\n");
    assertEquals(chunked, 411);
    assertEquals(await status("POST /predict"), 400);
    assertEquals(await status("HEAD /health"), 200);
    assertEquals(
      await status("POST /predict", { "content-length": `${10 * 2 ** 30}` }, "x".repeat(9999)),
      413,
    );
    assertEquals(await status("GET /health", { "x-long": "x".repeat(99_999) }), 431);
    assertEquals(statusOf(await rawRequest(port, "\0\x01 nonsense\r\n\r\n")), 400);
  },
);

serveTest(
  "slow senders get 408; a thousand idle connections and too many requests lock nobody out",
  async (server) => {
    const { port } = server, slow = requestText("POST /predict", port, { "content-length": "9" }, "1");
    const idle = await Promise.all(
      Array.from({ length: 1000 }, () => Deno.connect({ hostname: "127.0.0.1", port })),
    );
    const ended = idle.map((connection) => new Response(connection.readable).text().catch(() => ""));
    assertEquals((await post(server, picture)).status, 200);
    const answers = Array.from({ length: 8 }, () => rawRequest(port, slow));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const busy = await post(server, picture);
    assertEquals([busy.status, busy.headers.get("retry-after")], [503, "1"]);
    const head = rawRequest(port, `POST /predict HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nx-a: `);
    for (const answer of await Promise.all([...answers, head])) assertEquals(statusOf(answer), 408, answer);
    await Promise.all(ended);
  },
  { headTimeout: 1000, requestTimeout: 1000, maximumConnections: 40 },
);

gpuTest(
  "serve: under load no request fails, and the command ends with Ctrl-C once all are answered",
  async () => {
    const program = fileURLToPath(new URL("serve_load.ts", import.meta.url));
    const args = [
      "run",
      "-A",
      "--no-lock",
      "--no-check",
      program,
      "--clients=20",
      "--requests=200",
      "--json",
    ];
    const ending = await run([Deno.execPath(), ...args], ".");
    assertEnded(ending, 0);
    const { answered, failed }: Load = JSON.parse(ending.stdout);
    assert(answered > 0, ending.stdout);
    assertEquals(failed, 0, ending.stdout);
    assertMatch(ending.stderr, /\d+ pictures? classified, \d+ requests? refused\n$/);
  },
);

Deno.test("serve: it listens to other machines only if told so, and says what that means", async () => {
  await withFiles({ "m.safetensors": writeModel(contents) }, async (directory) => {
    const serve = (...args: string[]) =>
      run([...commandOf("serve"), join(directory, "m.safetensors"), "--port=0", ...args], directory);
    const refused = await serve("--host=0.0.0.0");
    assertEnded(refused, 1);
    assertMatch(refused.stderr, /other machines reach it\. .+ unencrypted, .+ Add --expose/);
    const child = new Deno.Command(commandOf("serve")[0]!, {
      args: [
        ...commandOf("serve").slice(1),
        join(directory, "m.safetensors"),
        "--port=0",
        "--host=0.0.0.0",
        "--expose",
        "--names=box.local",
        "--json",
      ],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const port = Number(new URL(JSON.parse((await reader.read()).value ?? "").address).port);
    const named = (host: string) => rawRequest(port, requestText("GET /health", port, { host }));
    assertEquals(statusOf(await named(`box.local:${port}`)), 200);
    assertEquals(statusOf(await named(`evil.example:${port}`)), 403);
    child.kill("SIGTERM");
    assertEquals(JSON.parse((await reader.read()).value ?? "").kind, "served");
    const text = await new Response(child.stderr).text();
    assertMatch(
      text,
      /Other machines can send pictures to 0\.0\.0\.0, port \d+: unencrypted, and without a pas/,
    );
    assertEquals((await child.status).code, 0);
    await reader.cancel();
  });
});
