/**
 * `label` with a fault in its file operations, set by the variable MT_FAULT as JSON, and with a stand-in for its worker,
 * which trains no weights and chooses the first pictures by name: all files are written by this process.
 */
import { labelCommand } from "../../cli/label.ts";
import type { TrainRequest, WorkerReply, WorkerRequest } from "../../cli/label/training_messages.ts";
import { withConfig } from "../../cli/train.ts";
import { installFaultOfEnvironment } from "./file_faults.ts";
import { trainStandIn } from "./stand_in.ts";

/** The parts of a worker that labelling uses, without a thread of its own. */
class StandInWorker {
  onmessage: (event: { readonly data: WorkerReply }) => void = () => {};
  #stopping = new AbortController();

  async postMessage(request: WorkerRequest): Promise<void> {
    if (request.kind === "stop") return this.#stopping.abort();
    if (request.kind === "plugin") return;
    const { id } = request;
    try {
      this.onmessage({
        data: request.kind === "train" ? { kind: "trained", id, isFinished: await this.#train(request) } : {
          kind: "chosen",
          id,
          pictures: request.others.map((name, i) => ({ name, guesses: [], features: [i] })),
        },
      });
    } catch (error) {
      this.onmessage({ data: { kind: "failed", id, message: `${error}` } });
    }
  }

  terminate(): void {}

  async #train({ options }: TrainRequest): Promise<boolean> {
    this.#stopping = new AbortController();
    // The stand-in has no weights to start from.
    const { run: { init: _, ...run }, ...rest } = await withConfig(options);
    return await trainStandIn({ ...rest, run }, this.#stopping.signal) === "finished";
  }
}

const { Worker } = globalThis;
// Workers that decode pictures are real.
Object.assign(globalThis, {
  Worker: function (url: URL, options: WorkerOptions) {
    return url.pathname.endsWith("/training_worker.ts") ? new StandInWorker() : new Worker(url, options);
  },
});
installFaultOfEnvironment();
if (import.meta.main) await labelCommand.start();
