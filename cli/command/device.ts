/**
 * The device of a command, with a count while shaders compile.
 * @module
 */
import { Device } from "../../kernels/mod.ts";
import { outputOptions } from "../terminal/output.ts";
import { type TransientLine, transientLine } from "../terminal/transient_line.ts";

/** Returns the GPU; on a terminal it counts the shaders while they compile. @throws {GpuUnavailableError} if there is none. */
export async function requestDevice(): Promise<Device> {
  const device = await Device.request();
  const isShown = Deno.stderr.isTerminal() && !outputOptions().quiet;
  device.pipelines.onProgress = isShown ? compileCounter(transientLine()) : undefined;
  return device;
}

/** Returns a function that shows how many of the requested shaders are compiled, and nothing once all are. */
export function compileCounter(line: TransientLine): (compiled: number, requested: number) => void {
  return (compiled, requested) => {
    if (compiled === requested) line.clear();
    else line.show(`compiling shaders ${compiled}/${requested}`);
  };
}

/** Sets a variable without which the driver complains on stderr about windows, which are not used. */
export function silenceDriver(): void {
  if (Deno.build.os === "linux" && !Deno.env.has("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", "/tmp");
}
