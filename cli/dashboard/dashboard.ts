/**
 * The dashboard of a command that trains.
 * @module
 */
import { basename, dirname } from "node:path";
import { baselineName } from "../run_files/run_files.ts";
import type { ObservedRun, RunObserver, RunWatcher } from "../run/run_observer.ts";
import { readRun } from "../report/run_record.ts";
import { untestedRun } from "../report/run_tester.ts";
import type { ReportedRun } from "../report/reported_run.ts";
import { pathFromHere, shellCommand } from "../hints/shell_command.ts";
import { printResult } from "../terminal/output.ts";
import { isObject } from "../command/json_values.ts";
import { Refusal } from "../web/refusal.ts";
import type { Site } from "../web/routes.ts";
import { type Binding, startWebServer, type WebServer } from "../web/web_server.ts";
import { Board } from "./board.ts";
import { Budget } from "./budget.ts";
import { contentOf } from "./content.ts";
import { LiveRun } from "./live_run.ts";
import { dashboardSite, withWarning } from "./page_site.ts";

/** Time between two looks at the run, in ms. */
const interval = 1000;

/** Share of training's time that drawing the page may take, and the longest time between two drawings in ms. */
const pageShare = 0.008, longestWait = 10_000;

/** Training keeps the thread busy, so that requests of an honest page may take long. */
const limits = { headTimeout: 120_000, requestTimeout: 240_000 };

/** Serves a page that follows the runs of a process. Without an open page it does nothing. */
export class Dashboard implements RunObserver, AsyncDisposable {
  readonly #board = new Board(() => this.#live ? [{ name: "progress", data: this.#live.progress() }] : []);
  readonly #budget = new Budget(pageShare, longestWait);
  /** Last run of each folder, in the order of their starts. */
  readonly #runs = new Map<string, LiveRun>();
  #live: LiveRun | undefined;
  #server: WebServer | undefined;
  readonly #timer: ReturnType<typeof setInterval>;
  #drawing: Promise<void> | undefined;
  #isOld = true;

  private constructor() {
    this.#timer = setInterval(() => this.#look(), interval);
    this.#timer.unref();
  }

  /** Starts the server, and prints its address. @throws {RangeError} if the port is in use. */
  static async start(binding: Binding): Promise<Dashboard> {
    const dashboard = new Dashboard();
    const site = dashboardSite(dashboard.#board, dashboard.#refresh, dashboard.#routes());
    dashboard.#server = await startWebServer(site, binding, limits);
    const { address } = dashboard;
    printResult(`dashboard: ${address}`, { kind: "dashboard", address });
    return dashboard;
  }

  /** Address of the page, with its token. */
  get address(): string {
    return this.#server?.address ?? "";
  }

  begin(run: ObservedRun): Promise<RunWatcher> {
    const live = new LiveRun(run, () => this.#board.channel.size > 0, () => this.#isOld = true);
    live.seen = this.#runs.get(run.folder)?.seen;
    this.#runs.set(run.folder, live);
    this.#live = live;
    this.#isOld = true;
    return Promise.resolve(live);
  }

  /** Shows the last state on open pages, and stops the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    if (this.#board.channel.size > 0) {
      this.#isOld = true;
      await this.#refresh();
      if (this.#live) this.#board.channel.send("progress", this.#live.progress());
    }
    this.#board.channel.close();
    await this.#server?.stop();
  }

  #look(): void {
    const { channel } = this.#board;
    if (channel.size === 0 || !this.#live) return;
    channel.send("progress", this.#live.progress());
    if (this.#isOld && !this.#drawing && this.#budget.isDue) void this.#refresh();
  }

  /** Draws the page if it is old. Failures, as by a folder that was removed, must not end the training. */
  readonly #refresh = withWarning(() =>
    this.#drawing ??= this.#draw().finally(() => this.#drawing = undefined)
  );

  async #draw(): Promise<void> {
    if (!this.#isOld || this.#runs.size === 0) return;
    this.#isOld = false;
    await this.#budget.spend(async () => {
      const runs: ReportedRun[] = [];
      for (const live of this.#runs.values()) runs.push(await reportedRun(live, `run-${runs.length + 1}`));
      this.#board.show(contentOf(runs, { isCompared: false }));
    });
  }

  #routes(): Site["routes"] {
    const live = () => {
      if (this.#live && this.#live.control.state !== "ended") return this.#live;
      throw new Refusal(409, "No run is in training.");
    };
    const answer = () => {
      this.#board.channel.send("progress", live().progress());
      return new Response(null, { status: 204 });
    };
    return {
      "POST /pause": async ({ json }) => {
        const request = await json();
        if (!isObject(request) || typeof request["paused"] !== "boolean") {
          throw new Refusal(400, "The request must say whether to pause: { paused: true }.");
        }
        live().control.setPaused(request["paused"]);
        return answer();
      },
      "POST /checkpoint": () => {
        live().saveCheckpoint();
        return answer();
      },
      "POST /stop": () => {
        live().control.stop();
        return answer();
      },
    };
  }
}

/** Reads the run of a folder, with its last pictures. */
async function reportedRun({ folder, seen }: LiveRun, id: string): Promise<ReportedRun> {
  const name = basename(folder), isBaseline = name === baselineName;
  const record = await readRun(folder, isBaseline ? `${basename(dirname(folder))}/${name}` : name);
  const { classes } = record.config;
  return {
    ...untestedRun(record, id),
    untested: `The mistakes are in the report: ${shellCommand("report", pathFromHere(folder))}`,
    classes: Array.isArray(classes) ? classes.map(String) : null,
    views: seen?.views ?? null,
    unlabelled: seen?.unlabelled ?? null,
  };
}
