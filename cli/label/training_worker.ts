/**
 * The worker that trains and chooses pictures while the page is used: it has the device, and the page's thread stays
 * free for requests.
 * @module
 */
import { messageOf } from "../../data/internal.ts";
import { type Dataset, exampleName, NO_LABEL, readBatches } from "../../data/mod.ts";
import { Model } from "../../nn/mod.ts";
import { modelOf } from "../../semisup/mod.ts";
import { requestDevice, silenceDriver } from "../command/device.ts";
import { chooseImages } from "../pictures/choose_images.ts";
import { rankClasses } from "../pictures/prediction_text.ts";
import { loadPlugin } from "../plan/plugin.ts";
import { startClock } from "../run/time_limit.ts";
import { configureOutput } from "../terminal/output.ts";
import { train as trainRun, withConfig } from "../train.ts";
import { loadFinishedRun, recomputeWhitening } from "../weights/open_model.ts";
import { fillUp } from "./first_pictures.ts";
import type { PlacedPicture } from "./picture_groups.ts";
import type { ChooseRequest, WorkerReply, WorkerRequest } from "./training_messages.ts";

/** Number of classes shown for a picture. */
const shownClasses = 3;

/** The scope of the worker. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<WorkerRequest>) => void) | null;
  postMessage(reply: WorkerReply): void;
}

const scope = globalThis as unknown as WorkerScope;
let stopping: AbortController | undefined;
/** Fulfilled when the plugin is loaded. */
let ready: Promise<void> = Promise.resolve();

scope.onmessage = async ({ data: request }) => {
  if (request.kind === "stop") return stopping?.abort(new Error("Training was stopped"));
  if (request.kind === "plugin") {
    ready = loadPlugin(request.path);
    ready.catch(() => {}); // Each request fails with the reason.
    return;
  }
  const { id } = request;
  try {
    await ready;
    if (request.kind === "choose") {
      scope.postMessage({ kind: "chosen", id, pictures: await choosePictures(request) });
      return;
    }
    stopping = new AbortController();
    const outcome = await train(request.options, stopping.signal);
    scope.postMessage({ kind: "trained", id, isFinished: outcome === "finished" });
  } catch (error) {
    scope.postMessage({ kind: "failed", id, message: messageOf(error) });
  } finally {
    stopping = undefined;
  }
};

/** Trains as the command does; only warnings and errors are printed. */
async function train(options: Readonly<Record<string, unknown>>, signal: AbortSignal) {
  const now = startClock();
  silenceDriver();
  configureOutput({ quiet: true });
  return await trainRun(await withConfig(options), signal, now);
}

/** Chooses pictures that the network of a run is unsure of and that differ, in the order of the choice. */
async function choosePictures(
  { run, excluded, others, count, seed }: ChooseRequest,
): Promise<PlacedPicture[]> {
  configureOutput({ quiet: true });
  const { path, checkpoint, dataset } = await loadFinishedRun(run, null);
  using device = await requestDevice();
  const whitening = await recomputeWhitening(checkpoint, device, dataset);
  const contents = modelOf(checkpoint, { network: "teacher", source: path, ...(whitening && { whitening }) });
  using model = await Model.create(contents, { device }, path);
  const taken = new Set([...excluded, ...others]), { labels } = checkpoint;
  const candidates = Int32Array.from(labels.keys()).filter((index) =>
    labels[index] === NO_LABEL && !taken.has(nameOf(dataset, index))
  );
  const chosen = candidates.length === 0
    ? []
    : fillUp(await chooseImages(model, dataset.train, candidates, { count, seed }), candidates, count);
  const places = new Map(Array.from(labels.keys(), (index) => [nameOf(dataset, index), index]));
  const added = others.flatMap((name) => places.get(name) ?? []);
  return await describePictures(model, dataset, [...chosen, ...added]);
}

/** Returns pictures with their guesses and features. */
async function describePictures(
  model: Model,
  dataset: Dataset,
  indices: readonly number[],
): Promise<PlacedPicture[]> {
  const described: PlacedPicture[] = [];
  for await (const batch of readBatches(dataset.train, Int32Array.from(indices), model.batchSize)) {
    const predictions = await model.predictPlanes(batch.pixels, batch.aspects, { features: true });
    predictions.forEach((prediction, i) =>
      described.push({
        name: nameOf(dataset, batch.indices[i] ?? -1),
        guesses: rankClasses(model.classes, prediction).slice(0, shownClasses),
        features: prediction.features ?? [],
      })
    );
  }
  return described;
}

function nameOf({ train }: Dataset, index: number): string {
  return train.names?.[index] ?? exampleName(index);
}
