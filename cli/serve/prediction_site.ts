/**
 * The site of a model: a picture in, its class out.
 * @module
 */
import { decodeImage } from "../../data/files/mod.ts";
import type { Model, Prediction } from "../../nn/mod.ts";
import { predictionObject } from "../pictures/prediction_text.ts";
import { significantBitsIn } from "../plan/about_data.ts";
import { Refusal } from "../web/refusal.ts";
import type { Site, WebRequest } from "../web/routes.ts";
import type { BatchQueue } from "./batch_queue.ts";
import { Gate } from "./gate.ts";
import { openApi } from "./openapi.ts";

/** Limits of a server of predictions. */
export interface ServeLimits {
  /** Largest file of a picture in bytes. */
  readonly maximumBody: number;
  /** Largest number of pixels of a picture. */
  readonly mostPixels: number;
  /** Time for a request, and for decoding its picture, in seconds. */
  readonly timeLimit: number;
  /** Largest number of requests in progress. */
  readonly maximumRequests: number;
}

/** Bytes of files in memory at the same time, at least; four of the largest files if that is more. */
const bodyMemory = 2 ** 28;
/** Status that nobody receives, as servers log it: the sender is gone. */
const gone = 499;
/** Pictures that are decoded at the same time; a large one needs hundreds of megabytes. */
const decodedAtOnce = Math.min(4, navigator.hardwareConcurrency);

/** The site of a model, with its counts. */
export class PredictionSite {
  readonly #model: Model;
  readonly #queue: BatchQueue;
  readonly #limits: ServeLimits;
  readonly #requests: Gate;
  readonly #memory: Gate;
  readonly #decoders = new Gate(decodedAtOnce);
  #classified = 0;
  #refused = 0;

  constructor(model: Model, queue: BatchQueue, limits: ServeLimits) {
    this.#model = model;
    this.#queue = queue;
    this.#limits = limits;
    this.#requests = new Gate(limits.maximumRequests);
    this.#memory = new Gate(Math.max(bodyMemory, 4 * limits.maximumBody));
  }

  /** Numbers of pictures that were classified, and of requests that were refused. */
  get counts(): { readonly classified: number; readonly refused: number } {
    return { classified: this.#classified, refused: this.#refused };
  }

  /** Returns the site for a server. @param onError Receives errors that are not the sender's. */
  site(onError: (error: unknown) => void): Site {
    const { classes } = this.#model, description = openApi(classes, this.#limits);
    const { architecture, imageShape, temperature } = this.#model.description;
    const entries = {
      predict: "POST /predict",
      model: "/model",
      health: "/health",
      openapi: "/openapi.json",
    };
    return {
      routes: {
        "GET /": () => Response.json(entries),
        "GET /openapi.json": () => Response.json(description),
        "GET /model": () => Response.json({ architecture, classes, imageShape, temperature }),
        "GET /health": () => Response.json({ status: "ok", inProgress: this.#requests.used, ...this.counts }),
        "POST /predict": (request) => this.#predict(request),
      },
      answerRefusal: (refusal) => {
        const { status, message, headers } = refusal;
        if (status !== gone) this.#refused += 1;
        return Response.json({ error: message }, { status, headers });
      },
      onError,
    };
  }

  async #predict(request: WebRequest): Promise<Response> {
    const columns = columnsOf(request.query, this.#model.classes.length);
    using _place = this.#requests.tryTake() ?? refuseForNow();
    const prediction = await this.#classify(request);
    this.#classified += 1;
    return Response.json(predictionObject(this.#model.classes, prediction, columns));
  }

  async #classify(request: WebRequest): Promise<Prediction> {
    const length = lengthOf(request, this.#limits.maximumBody);
    using deadline = new Deadline(request.signal, 1000 * this.#limits.timeLimit);
    const { signal } = deadline;
    try {
      using memory = this.#memory.tryTake(length) ?? refuseForNow();
      const file = await request.bytes(length);
      using decoder = await this.#decoders.take();
      signal.throwIfAborted();
      const picture = await this.#decode(file);
      decoder[Symbol.dispose]();
      memory[Symbol.dispose]();
      return await this.#queue.add(picture, signal);
    } catch (error) {
      if (request.signal.aborted) throw new Refusal(gone, "The sender is gone.");
      if (signal.aborted && error === signal.reason) return refuseForNow();
      throw error;
    }
  }

  /** Decodes a picture to the model's images. @throws {Refusal} with 400 if this fails. */
  async #decode(file: Uint8Array) {
    const { imageShape: [channels, height, width], about } = this.#model.description;
    const planes = new Uint8Array(channels * height * width), { mostPixels, timeLimit } = this.#limits;
    const options = {
      significantBits: significantBitsIn(about),
      mostPixels,
      timeLimit: Math.ceil(timeLimit),
    };
    try {
      const size = await decodeImage(file, [height, width], planes, channels === 1 ? 1 : 3, options);
      return { planes, aspect: size[1] / size[0] };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new Refusal(400, `Cannot decode the picture: ${error.message}`);
    }
  }
}

/** A signal that aborts with another one, or after a time in ms. */
class Deadline implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor(signal: AbortSignal, time: number) {
    const abort = () => this.#controller.abort();
    this.#timer = setTimeout(abort, time);
    signal.addEventListener("abort", abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/** @throws {Refusal} with 503. */
function refuseForNow(): never {
  throw new Refusal(503, "The server has too many requests. Try again later.", { "retry-after": "1" });
}

/** Reads what a request wants to know. @throws {Refusal} with 400 if it is not valid. */
function columnsOf(query: URLSearchParams, classCount: number) {
  for (const name of query.keys()) {
    if (name === "top" || name === "probabilities") continue;
    throw new Refusal(400, `Unknown parameter ${name}; known parameters: top, probabilities`);
  }
  const top = Number(query.get("top") ?? 1), probabilities = query.get("probabilities") ?? "false";
  if (!Number.isInteger(top) || top < 1 || top > classCount) {
    throw new Refusal(400, `top must be a whole number from 1 to ${classCount}, but is ${query.get("top")}`);
  }
  if (!["true", "false"].includes(probabilities)) {
    throw new Refusal(400, `probabilities must be true or false, but is ${probabilities}`);
  }
  return { top, probabilities: probabilities === "true" };
}

/** Returns the announced length of a picture. @throws {Refusal} if it is missing, 0 or too large, or of something else. */
function lengthOf(request: WebRequest, maximum: number): number {
  checkKind(request);
  const isChunked = request.header("transfer-encoding") !== undefined;
  const length = isChunked ? NaN : Number(request.header("content-length") ?? 0);
  if (Number.isNaN(length)) throw new Refusal(411, "The length of the picture must be announced.");
  if (length === 0) throw new Refusal(400, "Cannot decode the picture: it is empty");
  if (length > maximum) {
    throw new Refusal(413, `The file must have at most ${maximum} bytes, but has ${length}`);
  }
  return length;
}

/** @throws {Refusal} with 415 if the headers of a request say that its body is not the file of a picture. */
function checkKind(request: WebRequest): void {
  const [, kind] = /^(multipart\/|application\/json\b)/i.exec(request.header("content-type") ?? "") ?? [];
  if (kind !== undefined) {
    const actual = kind.endsWith("/") ? "a form" : "JSON";
    throw new Refusal(
      415,
      `The body must be the file itself, not ${actual}: curl --data-binary @picture.jpg`,
    );
  }
  const encoding = request.header("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    throw new Refusal(415, `The body must be the file itself, without the content-encoding ${encoding}.`);
  }
}
