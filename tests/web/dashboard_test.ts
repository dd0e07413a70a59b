/** The dashboard: its requests to a run, its content, and a run's bits with it. */
import { join } from "node:path";
import { Budget } from "../../cli/dashboard/budget.ts";
import { Dashboard } from "../../cli/dashboard/dashboard.ts";
import { RunControl } from "../../cli/dashboard/run_control.ts";
import { RunsPage } from "../../cli/dashboard/runs_page.ts";
import { planRun } from "../../cli/plan/run_plan.ts";
import { executePlan } from "../../cli/run/run.ts";
import { trainCommand } from "../../cli/train.ts";
import { startWebServer } from "../../cli/web/web_server.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";
import { findChromium, inspectPages, runDriver } from "../chromium.ts";
import { inFolder, namesIn, parseArguments, short } from "../cli/command.ts";
import { writeRun } from "../cli/made_up_run.ts";
import { withFiles } from "../data/fixtures.ts";
import type { Device } from "../../kernels/mod.ts";
import { gpuTest } from "../kernels/device.ts";

const chromium = await findChromium();

Deno.test("dashboard: --dashboard takes a port or none, and leaves a folder after it alone", () => {
  const parse = (...args: string[]) => {
    const { options: { dashboard }, operands } = trainCommand.parse(args);
    return [dashboard, ...operands];
  };
  assertEquals(parse("photos"), [null, "photos"]);
  assertEquals(parse("--dashboard"), [0, undefined]);
  assertEquals(parse("--dashboard", "photos"), [0, "photos"]);
  assertEquals(parse("--dashboard", "8080", "photos"), [8080, "photos"]);
  assertEquals(parse("--dashboard=0", "photos"), [0, "photos"]);
  assertEquals(parse("--dashboard", "--quiet", "photos"), [0, "photos"]);
  for (const [value, rule] of [["65536", "must be"], ["x", "must be"], ["-1", "must be"]] as const) {
    assertThrows(() => parse(`--dashboard=${value}`), RangeError, rule);
  }
});

Deno.test("dashboard: a run waits while it is paused, saves when asked, also then, and stops", async () => {
  let time = 0;
  const control = new RunControl(() => time);
  assertEquals([control.nextRequest(), control.state], [undefined, "running"]);
  control.saveCheckpoint();
  assertEquals([control.nextRequest(), control.nextRequest()], ["checkpoint", undefined]);
  control.setPaused(true);
  control.setPaused(true);
  assertEquals(control.state, "paused");
  const waiting = control.nextRequest();
  time = 4000;
  control.saveCheckpoint();
  assertEquals([await waiting, control.state, control.pausedSeconds], ["checkpoint", "paused", 4]);
  const again = control.nextRequest();
  time = 9000;
  control.setPaused(false);
  assertEquals([await again, control.pausedSeconds, control.nextRequest()], [undefined, 9, undefined]);
  control.setPaused(true);
  const stopped = control.nextRequest();
  control.stop();
  assertEquals([await stopped, control.state, control.signal.aborted], [undefined, "stopping", true]);
  control.end();
  assertEquals(control.state, "ended");
});

Deno.test("dashboard: drawing takes its share of the time, the first drawing as well", async () => {
  let time = 7;
  const budget = new Budget(0.01, 400, () => time);
  const wait = (milliseconds: number) => {
    time += milliseconds - 1;
    assert(!budget.isDue);
    time += 1;
    assert(budget.isDue);
  };
  wait(40_000);
  for (const cost of [50, 2000]) {
    await budget.spend(async () => {
      await Promise.resolve();
      time += cost;
    });
    wait(100 * cost);
  }
  assert(new Budget(0.01, 0, () => time).isDue);
});

/** Events of a page until a text has come; without one, all. */
async function eventsUntil(address: string, text?: string): Promise<string> {
  const response = await fetch(`${address}events`);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let all = "";
  while (text === undefined || !all.includes(text)) {
    const { value, done } = await reader.read();
    if (done && text === undefined) return all;
    if (done) throw new Error(`The events end without ${text}: ${all.slice(-2000)}`);
    all += value;
  }
  await reader.cancel();
  return all;
}

Deno.test("dashboard: a folder that disappears ends neither the page nor the process", async () => {
  await withFiles({}, async (directory) => {
    const path = join(directory, "a");
    await writeRun(path, {});
    using page = new RunsPage([path], null);
    const server = await startWebServer(page.site);
    const connected = new AbortController(), { signal } = connected;
    try {
      const response = await fetch(`${server.address}events`, { signal });
      await Deno.remove(path, { recursive: true });
      // Longer than the page waits between two looks.
      await new Promise((resolve) => setTimeout(resolve, 2500));
      await response.body?.cancel();
      assertStringIncludes(await eventsUntil(server.address, "event: layout"), "run-1-verdict");
    } finally {
      connected.abort();
      await server.stop();
    }
  });
});

Deno.test("dashboard: runs in folders are compared, followed when their logs grow, and named as text", async () => {
  await withFiles({}, async (directory) => {
    const evil = "<img src=x onerror=alert(1)>", paths = ["a", evil].map((name) => join(directory, name));
    for (const path of paths) await writeRun(path, { isFinished: path === paths[0] });
    using page = new RunsPage(paths, null);
    const server = await startWebServer(page.site);
    try {
      const first = await eventsUntil(server.address, "event: layout");
      for (
        const each of ["2 runs", "run-1-verdict", "run-2-learning-content", "overview", "What to do next"]
      ) {
        assertStringIncludes(first, each);
      }
      assert(!first.includes("<img src=x"), "a name became HTML");
      const line = {
        kind: "diagnostics",
        step: 100,
        agreement: 1,
        warnings: [{ code: "same-view", message: "Advice." }],
      };
      await Deno.writeTextFile(join(paths[1]!, "log.jsonl"), `${JSON.stringify(line)}\n`, { append: true });
      assertStringIncludes(await eventsUntil(server.address, "same-view"), "Advice.");
      const refused = await fetch(`${server.address}examine`, { method: "POST", body: `{"run":"run-9"}` });
      assertEquals([refused.status, await refused.text()], [
        400,
        `The request must name a run of the page: { run: "run-1" }.\n`,
      ]);
    } finally {
      await server.stop();
    }
  });
});

Deno.test({
  name:
    "dashboard: the page of runs has no serious fault at 1200 and 400 pixels, and requests nothing from elsewhere",
  ignore: chromium === null,
  fn: async () => {
    await withFiles({}, async (directory) => {
      const diagnostics = {
        kind: "diagnostics",
        step: 100,
        agreement: 1,
        warnings: [{ code: "a", message: "b" }],
      };
      for (const name of ["one", "other"]) {
        await writeRun(join(directory, name), { more: [diagnostics], options: { seed: name.length } });
      }
      using page = new RunsPage([directory], null);
      const server = await startWebServer(page.site);
      try {
        assertEquals(await inspectPages(chromium ?? "", server.address), []);
      } finally {
        await server.stop();
      }
    });
  },
});

/** Trains with arguments on a device. @returns what it prints, and its outcome. */
async function trainWith(
  device: Device,
  args: readonly string[],
  dashboard: Dashboard | undefined,
): Promise<string> {
  const { log, error } = console;
  console.log = console.error = () => {};
  try {
    const plan = await planRun(parseArguments(args), new Date(0), device);
    return await executePlan(plan, new AbortController().signal, device, { observer: dashboard });
  } finally {
    Object.assign(console, { log, error });
  }
}

const post = async (address: string, path: string, value: unknown = {}) => {
  const response = await fetch(address + path, { method: "POST", body: JSON.stringify(value) });
  await response.body?.cancel();
  return response.status;
};

gpuTest(
  "dashboard: a run with it has the same bits, its pictures, a checkpoint when asked, and an end",
  async (device) => {
    await inFolder(async (directory) => {
      const at = (...names: string[]) => join(directory, ...names);
      const args = [
        `--data-dir=${at("data")}`,
        ...short.slice(1),
        "--tune=off",
        "--steps=30",
        "--evaluation-epochs=10steps",
      ];
      assertEquals(await trainWith(device, [...args, `--output=${at("plain")}`], undefined), "finished");
      const { log } = console;
      console.log = () => {};
      const dashboard = await Dashboard.start({ port: 0 }).finally(() => console.log = log);
      const { address } = dashboard;
      try {
        assertEquals(await post(address, "pause", { paused: true }), 409);
        // Events come before the run begins, so that the page is open when training ends and the pictures are drawn.
        const events = eventsUntil(address);
        const training = trainWith(device, [...args, `--output=${at("seen")}`, "--csv"], dashboard);
        await eventsUntil(address, "event: progress");
        assertEquals(await post(address, "checkpoint"), 204);
        assertEquals([await post(address, "pause", {}), await post(address, "nothing")], [400, 404]);
        assertEquals(await training, "finished");
        await dashboard[Symbol.asyncDispose]();
        const seen = await events;
        for (
          const each of [
            "As the networks see them",
            "Unlabelled pictures",
            "view of the student",
            "images/s",
            '"state":"ended"',
          ]
        ) {
          assertStringIncludes(seen, each);
        }
      } finally {
        await dashboard[Symbol.asyncDispose]();
      }
      for (const file of ["final.safetensors", "model.safetensors"]) {
        assertEquals(await Deno.readFile(at("seen", file)), await Deno.readFile(at("plain", file)));
      }
      assert(namesIn(at("seen")).some((name) => name.startsWith("checkpoint-")));
    });
  },
);

/** Registers a test that needs a GPU and Chromium; without Chromium the test is skipped. */
function pageTest(name: string, test: (device: Device, chromium: string) => Promise<void>): void {
  if (chromium === null) Deno.test.ignore(name, () => {});
  else gpuTest(name, (device) => test(device, chromium));
}

pageTest(
  "dashboard: in a browser a run is paused, reloaded, continued, saved and stopped",
  async (device, chromium) => {
    await inFolder(async (directory) => {
      const at = (...names: string[]) => join(directory, ...names);
      const { log } = console;
      console.log = () => {};
      await using dashboard = await Dashboard.start({ port: 0 }).finally(() => console.log = log);
      const args = [
        `--data-dir=${at("data")}`,
        ...short.slice(1),
        "--tune=off",
        "--steps=100000",
        `--output=${at("run")}`,
      ];
      const training = trainWith(device, args, dashboard);
      const driver = runDriver(new URL("drive_dashboard.ts", import.meta.url), chromium, dashboard.address);
      const [outcome, seen] = await Promise.all([training, driver]);
      assertEquals(outcome, "interrupted");
      assertEquals(seen, { faults: [], kept: true });
      assert(namesIn(at("run")).some((name) => name.startsWith("checkpoint-")));
    });
  },
);
