/**
 * The device of a command, with a count while shaders compile.
 * @module
 */
import { Device } from "../../kernels/mod.ts";
import { outputOptions } from "./output.ts";
import { transientLine } from "./transient_line.ts";

/** Returns the GPU; it counts on stderr while shaders compile. @throws {GpuUnavailableError} if there is none. */
export async function requestDevice(): Promise<Device> {
  const device = await Device.request();
  device.pipelines.onProgress = compileCounter(transientLine());
  return device;
}

/** A line that changes; see {@linkcode transientLine}. */
type Line = ReturnType<typeof transientLine>;

/** Returns a function that shows how many of the requested shaders are compiled, and nothing once all are. */
export function compileCounter(line: Line): (compiled: number, requested: number) => void {
  return (compiled, requested) => {
    if (compiled === requested) line.clear();
    else if (!outputOptions().quiet) line.show(`compiling shaders ${compiled}/${requested}`);
  };
}

/** Sets a variable without which the driver complains on stderr about windows, which are not used. */
export function silenceDriver(): void {
  if (Deno.build.os === "linux" && !Deno.env.has("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", "/tmp");
}
