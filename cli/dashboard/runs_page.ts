/**
 * The dashboard of runs in folders: finished ones, and ones that another process trains.
 * @module
 */
import { messageOf } from "../../data/internal.ts";
import { join } from "node:path";
import type { Device } from "../../kernels/mod.ts";
import { requestDevice } from "../command/device.ts";
import type { Examination } from "../report/examination.ts";
import { readRuns, type RunRecord } from "../report/run_record.ts";
import { RunTester, untestedRun } from "../report/run_tester.ts";
import type { ReportedRun } from "../report/reported_run.ts";
import { isObject } from "../command/json_values.ts";
import { runFiles } from "../run_files/run_files.ts";
import { Refusal } from "../web/refusal.ts";
import type { Site } from "../web/routes.ts";
import { Board } from "./board.ts";
import { contentOf } from "./content.ts";
import { dashboardSite, withWarning } from "./page_site.ts";

/** Time between two looks at the folders, in ms. */
const interval = 2000;

/** Numbers of pictures to show of a run, as in its report. */
const mistakeCount = 24, counts = { review: 24, pictures: 12 };

/** Results of an examination that somebody asked for on the page. */
type Examined =
  & Examination
  & Pick<ReportedRun, "results" | "untested" | "baseline" | "classes" | "isHeldOut">;

/** Shows the runs of some folders, and follows their files while a page is open. */
export class RunsPage implements Disposable {
  readonly #paths: readonly string[];
  readonly #board = new Board();
  readonly #tester: RunTester;
  readonly #timer: ReturnType<typeof setInterval>;
  /** Examined runs by the real path of their folder. */
  readonly #examined = new Map<string, Examined>();
  #records: readonly RunRecord[] = [];
  #signature = "";
  #reading: Promise<void> | undefined;
  #testing: Promise<void> = Promise.resolve();
  #device: Promise<Device> | undefined;

  /**
   * @param paths Folders of runs, or folders that contain some.
   * @param dataDir Folder of the dataset's files; null for that of the run.
   */
  constructor(paths: readonly string[], dataDir: string | null) {
    this.#paths = paths;
    const device = () => this.#device ??= requestDevice();
    this.#tester = new RunTester({ dataDir, download: false, mistakeCount, counts, device });
    this.#timer = setInterval(() => {
      if (this.#board.channel.size > 0) void this.#tryRefresh();
    }, interval);
  }

  /** The site that shows the runs. */
  get site(): Site {
    return dashboardSite(this.#board, this.#tryRefresh, {
      "POST /examine": async ({ json }) => {
        await this.#examine(await json());
        return new Response(null, { status: 204 });
      },
    });
  }

  /** Reads the runs again if a file has changed. @throws {RangeError} if a folder has no run. */
  refresh(): Promise<void> {
    return this.#reading ??= this.#read().finally(() => this.#reading = undefined);
  }

  /** Keeps the page as it is if a folder has disappeared. */
  readonly #tryRefresh = withWarning(() => this.refresh());

  /** Stops looking at the folders. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#board.channel.close();
    // A page that asked for a device has been told why there is none.
    void this.#device?.then((device) => device[Symbol.dispose](), () => {});
  }

  async #read(): Promise<void> {
    const signature = await signatureOf(this.#records);
    if (signature === this.#signature && this.#records.length > 0) return;
    this.#records = await readRuns(this.#paths);
    this.#signature = await signatureOf(this.#records);
    this.#show();
  }

  #show(): void {
    const runs = this.#records.map((record, i): ReportedRun => ({
      ...untestedRun(record, `run-${i + 1}`),
      untested: "The pictures of this run have not been classified yet.",
      ...this.#examined.get(record.realPath),
    }));
    const canExamine = ({ record, results }: ReportedRun) =>
      record.weights !== null && results === null && !this.#examined.has(record.realPath);
    this.#board.show(contentOf(runs, { isCompared: true, canExamine }));
  }

  /** Tests a run and examines its pictures, one run after the other. */
  async #examine(request: unknown): Promise<void> {
    const id = isObject(request) ? request["run"] : undefined;
    const record = this.#records.find((_, i) => `run-${i + 1}` === id);
    if (!record) throw new Refusal(400, 'The request must name a run of the page: { run: "run-1" }.');
    const work = this.#testing.then(async () => {
      if (this.#examined.has(record.realPath)) return;
      const { record: _, id: __, ...examined } = await this.#tester.test(record, "run");
      this.#examined.set(record.realPath, examined);
      this.#show();
    });
    this.#testing = work.catch(() => {});
    try {
      await work;
    } catch (error) {
      throw new Refusal(422, messageOf(error));
    }
  }
}

/** Returns a text that changes with the files of runs. */
async function signatureOf(records: readonly RunRecord[]): Promise<string> {
  const files = records.flatMap(({ path }) => [join(path, runFiles.log), join(path, runFiles.summary)]);
  const states = await Promise.all(files.map(async (file) => {
    try {
      const { size, mtime } = await Deno.stat(file);
      return `${size} ${mtime?.getTime()}`;
    } catch {
      return "none";
    }
  }));
  return states.join(", ");
}
