/**
 * `deno run -A cli/serve.ts MODEL`: classifies pictures that other programs send over HTTP.
 * @module
 */
import { sizeOf } from "../kernels/mod.ts";
import { Model } from "../nn/mod.ts";
import { untilAborted } from "./command/aborted.ts";
import { counted } from "../data/internal.ts";
import { inGroup } from "../semisup/mod.ts";
import { defineCommand } from "./command/command.ts";
import { requestDevice } from "./command/device.ts";
import type { Outcome } from "./command/process.ts";
import {
  debugRow,
  listRow,
  type OptionsOf,
  pluginRow,
  reportingRows,
  type Rows,
  switchRow,
} from "./command/rows.ts";
import { BatchQueue } from "./serve/batch_queue.ts";
import { PredictionSite, type ServeLimits } from "./serve/prediction_site.ts";
import { printError, printProgress, printResult, printWarning } from "./terminal/output.ts";
import { openModel } from "./weights/open_model.ts";
import { checkBinding, isLoopback, portRow, webRows } from "./web/binding.ts";
import { startWebServer } from "./web/web_server.ts";

const count = { kind: "integer", minimum: 1 } as const;

/** Options of the command. */
const rows = {
  ...inGroup("network", { student: switchRow("use the student of a checkpoint instead of the teacher") }),
  ...inGroup("running", {
    port: { ...portRow, default: 8000, help: "port to listen on; 0 = any free one" },
    host: webRows.host,
    expose: switchRow(
      "allow a --host that other machines reach: anyone there may send pictures, unencrypted",
    ),
    names: listRow(
      "NAME,…",
      { kind: "text", default: null, placeholder: "NAME", help: "" },
      "names of this machine in addresses of other machines (default: only numbers)",
    ),
    maxSize: { ...count, default: 20, unit: "MiB", help: "largest file of a picture" },
    maxPixels: { ...count, default: 50, maximum: 100, unit: "millions", help: "largest number of pixels" },
    timeout: { ...count, default: 10, unit: "seconds", help: "time for a request to arrive and be answered" },
    maxRequests: { ...count, default: 128, help: "requests in progress; more are refused" },
    batchSize: { ...count, default: 32, help: "largest number of pictures computed at once" },
    plugin: pluginRow,
    debug: debugRow,
  }),
  ...reportingRows,
} as const satisfies Rows;

type ServeOptions = OptionsOf<typeof rows>;

/** Time in ms for responses to end at Ctrl-C. */
const graceTime = 10_000;
/** Connections for each request in progress: clients keep some open. */
const connectionsPerRequest = 2;

/** Serves a model until the signal. */
async function serve(modelPath: string, options: ServeOptions, signal: AbortSignal): Promise<Outcome> {
  const { port, expose } = options, names = options.names ?? [];
  const host = checkBinding({ host: options.host, expose });
  using device = await requestDevice();
  const { path, contents } = await openModel(modelPath, { student: options.student, device });
  const [channels] = contents.imageShape;
  if (channels !== 1 && channels !== 3) {
    throw new RangeError(
      `Cannot serve ${path}: pictures have 1 or 3 channels, but the model's images have ${channels}`,
    );
  }
  using model = await Model.create(contents, { device }, path);
  const batchSize = Math.min(options.batchSize, model.batchSize);
  await compileBatches(model, batchSize);
  const limits: ServeLimits = {
    maximumBody: options.maxSize * 2 ** 20,
    mostPixels: options.maxPixels * 1e6,
    timeLimit: options.timeout,
    maximumRequests: options.maxRequests,
  };
  const queue = new BatchQueue(model, batchSize), site = new PredictionSite(model, queue, limits);
  const time = 1000 * options.timeout;
  const server = await startWebServer(
    site.site((error) => printError(error instanceof Error ? error.message : `${error}`)),
    { host, port, expose, names, token: "" },
    {
      maximumBody: limits.maximumBody,
      maximumConnections: connectionsPerRequest * options.maxRequests,
      headTimeout: time,
      requestTimeout: time,
      graceTime,
    },
  );
  if (!isLoopback(host)) {
    printWarning(
      `Other machines can send pictures to ${host}, port ${server.port}: unencrypted, and without a password`,
    );
  }
  printResult(`serving ${path}: ${server.address}`, { kind: "address", address: server.address });
  printProgress(`  curl --data-binary @picture.jpg ${server.address}predict`);
  try {
    await Promise.race([untilAborted(signal), queue.lost]);
  } finally {
    await server.stop();
  }
  const { classified, refused } = site.counts;
  printResult(`${counted(classified, "picture")} classified, ${counted(refused, "request")} refused`, {
    kind: "served",
    classified,
    refused,
  });
  return "finished";
}

/** Compiles the programs of all sizes of batches, so that no request waits for them. */
async function compileBatches(model: Model, batchSize: number): Promise<void> {
  const size = sizeOf(model.description.imageShape);
  for (let count = 1;; count = Math.min(2 * count, batchSize)) {
    await model.predictPlanes(new Uint8Array(count * size));
    if (count === batchSize) return;
  }
}

/** `serve`. */
export const serveCommand = defineCommand({
  name: "serve",
  permissions: { read: true, env: true, net: true, ffi: "for pictures" },
  description:
    "Classifies pictures that other programs send over HTTP: POST /predict with a picture returns its class as JSON. " +
    "Only this machine can connect.",
  rows,
  operands: [{ name: "MODEL", help: "folder of a run, checkpoint, or model" }],
  examples: [
    ["runs/a", "http://127.0.0.1:8000/predict"],
    ["runs/a --port 0 --json", "any free port, in a JSON line"],
    ["runs/a --host 0.0.0.0 --expose --names predict.local", "for all machines"],
  ],
  stopNotice: "Stopping when all requests are answered; press again to stop at once",
  run: ({ options, operands: [model] }, signal) => serve(model, options, signal),
});

if (import.meta.main) await serveCommand.start();
