/** Exported models in ONNX Runtime. */
import { join } from "node:path";
import { TextLineStream } from "../../bench/peers/line_stream.ts";
import type { OnnxRequest } from "./onnx_server.ts";

const folder = await Deno.makeTempDir({ prefix: "mean-teacher-onnx-" });
// Started before all tests, which may not leave processes behind.
const server = new Deno.Command(Deno.execPath(), {
  args: ["run", "-A", "--no-lock", "--quiet", new URL("./onnx_server.ts", import.meta.url).href],
  stdin: "piped",
  stdout: "piped",
}).spawn();
const input = server.stdin.getWriter();
const answers = server.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
  .getReader();
globalThis.addEventListener("unload", () => {
  server.kill("SIGKILL");
  Deno.removeSync(folder, { recursive: true });
});

/** Writes a model and images for another process. */
async function writeRequest(
  file: Uint8Array,
  images: Uint8Array,
  imageShape: readonly number[],
): Promise<OnnxRequest> {
  const size = imageShape.reduce((product, length) => product * length);
  const request: OnnxRequest = {
    model: join(folder, "model.onnx"),
    images: join(folder, "images"),
    shape: [images.length / size, ...imageShape],
    probabilities: join(folder, "probabilities"),
  };
  await Deno.writeFile(request.model, file);
  await Deno.writeFile(request.images, images);
  return request;
}

/** Returns the probabilities that ONNX Runtime computes for images, `[N, classes]`. */
export async function runOnnx(
  file: Uint8Array,
  images: Uint8Array,
  imageShape: readonly number[],
): Promise<Float32Array> {
  const request = await writeRequest(file, images, imageShape);
  await input.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`));
  const { value } = await answers.read();
  const { error } = JSON.parse(value ?? `{ "error": "ONNX Runtime ended" }`);
  if (error !== null) throw new Error(error);
  return new Float32Array((await Deno.readFile(request.probabilities)).buffer);
}

/** Returns the probabilities that ONNX Runtime computes for images inside a browser, `[N, classes]`. */
export async function runOnnxInBrowser(
  file: Uint8Array,
  images: Uint8Array,
  imageShape: readonly number[],
  chromium: string,
): Promise<Float32Array> {
  const request = await writeRequest(file, images, imageShape);
  const script = new URL("./onnx_page.ts", import.meta.url).href;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", "--quiet", script, chromium, JSON.stringify(request)],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new Float32Array((await Deno.readFile(request.probabilities)).buffer);
}
