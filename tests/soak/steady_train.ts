/** `train`, which appends a line on its memory and its processor time to the file MT_SAMPLES at each record of costs. */
import process from "node:process";
import { RunFolder } from "../../cli/run_files/run_folder.ts";
import { trainCommand } from "../../cli/train.ts";
import { Device } from "../../kernels/mod.ts";
import { countBytes } from "../kernels/count_memory.ts";

/** Memory and time of the process at a step. */
export interface Sample {
  readonly step: number;
  /** Milliseconds since the start of the process. */
  readonly milliseconds: number;
  /** Seconds of processor time. */
  readonly processorSeconds: number;
  /** Bytes of the process. */
  readonly hostBytes: number;
  /** Bytes of the process without the free part of the heap of JavaScript, after a garbage collection. */
  readonly liveBytes: number;
  /** Bytes of buffers and textures. */
  readonly deviceBytes: number;
}

const path = Deno.env.get("MT_SAMPLES");
if (path === undefined) throw new Error("MT_SAMPLES is not set");
const collectGarbage: unknown = Reflect.get(globalThis, "gc");
if (typeof collectGarbage !== "function") throw new Error("Add --v8-flags=--expose-gc");
const { request } = Device, { log } = RunFolder.prototype;
let deviceBytes = () => 0;
Device.request = async (options) => {
  const device = await request.call(Device, options);
  deviceBytes = countBytes(device.gpu);
  return device;
};
RunFolder.prototype.log = async function (record) {
  await log.call(this, record);
  if (record["kind"] !== "costs") return;
  const { user, system } = process.cpuUsage();
  const hostBytes = process.memoryUsage.rss();
  Reflect.apply(collectGarbage, globalThis, []);
  const { rss, heapTotal, heapUsed } = process.memoryUsage();
  const sample: Sample = {
    step: Number(record["step"]),
    milliseconds: performance.now(),
    processorSeconds: (user + system) / 1e6,
    hostBytes,
    liveBytes: rss - heapTotal + heapUsed,
    deviceBytes: deviceBytes(),
  };
  await Deno.writeTextFile(path, `${JSON.stringify(sample)}\n`, { append: true });
};
if (import.meta.main) await trainCommand.start();
