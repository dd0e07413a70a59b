/** Commands in the process of the test, on its one device: shaders are compiled once for all of them. */
import { dashboardCommand } from "../../cli/dashboard.ts";
import { embedCommand } from "../../cli/embed.ts";
import { evaluateCommand } from "../../cli/evaluate.ts";
import { experimentCommand } from "../../cli/experiment.ts";
import { exportCommand } from "../../cli/export.ts";
import { labelCommand } from "../../cli/label.ts";
import { predictCommand } from "../../cli/predict.ts";
import { reportCommand } from "../../cli/report.ts";
import { serveCommand } from "../../cli/serve.ts";
import { suggestCommand } from "../../cli/suggest.ts";
import { trainCommand } from "../../cli/train.ts";
import { Device } from "../../kernels/mod.ts";
import type { Ending } from "./command.ts";

/** Commands that can be called. */
const programs = {
  dashboard: dashboardCommand,
  embed: embedCommand,
  evaluate: evaluateCommand,
  experiment: experimentCommand,
  export: exportCommand,
  label: labelCommand,
  predict: predictCommand,
  report: reportCommand,
  serve: serveCommand,
  suggest: suggestCommand,
  train: trainCommand,
} as const;

/** Calls a program with arguments, and takes what it prints. */
export type Call = (program: keyof typeof programs, ...args: string[]) => Promise<Ending>;

/**
 * Calls a program as its file does when it is started, but for the device, which is the test's and outlives it.
 * Nothing else may print meanwhile.
 * @param onLine Sees each line of stdout as it comes.
 */
export function callOn(device: Device, onLine: (line: string) => void = () => {}): Call {
  return async (name, ...args) => {
    const { log, error } = console, { request } = Device;
    const printed = { stdout: "", stderr: "" };
    console.log = (...values) => {
      printed.stdout += `${values.join(" ")}\n`;
      onLine(values.join(" "));
    };
    console.error = (...values) => printed.stderr += `${values.join(" ")}\n`;
    Device.request = () => Promise.resolve(lent(device));
    try {
      const code = await programs[name].execute(args);
      return { code, ...printed };
    } finally {
      Object.assign(console, { log, error });
      Device.request = request;
    }
  };
}

/** The device, for one who will destroy it: it stays. */
function lent(device: Device): Device {
  return new Proxy(device, {
    get(target, name) {
      if (name === "destroy" || name === Symbol.dispose) return () => {};
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
}
