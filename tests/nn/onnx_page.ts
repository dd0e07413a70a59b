/**
 * Exported models in ONNX Runtime inside headless Chromium: serves a page on loopback, opens it in the browser, and
 * writes the probabilities that the page sends back. A process of its own, without the project's lock file.
 *
 * Usage: onnx_page.ts CHROMIUM REQUEST, where REQUEST is an {@linkcode OnnxRequest} as JSON.
 */
import { extname } from "node:path";
import type { OnnxRequest } from "./onnx_server.ts";

const runtime = "npm:onnxruntime-web@1.30.0";
const types: Readonly<Record<string, string>> = { ".mjs": "text/javascript", ".wasm": "application/wasm" };

const page = `<!doctype html><meta charset="utf-8"><title>ONNX Runtime</title><script type="module">
const send = (path, body) => fetch(path, { method: "POST", body });
try {
  const ort = await import("/runtime/ort.wasm.min.mjs");
  ort.env.wasm.wasmPaths = "/runtime/";
  ort.env.wasm.numThreads = 1;
  const read = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
  const session = await ort.InferenceSession.create(await read("/model"));
  const shape = await (await fetch("/shape")).json();
  const images = new ort.Tensor("uint8", await read("/images"), shape);
  const { probabilities } = await session.run({ images });
  await send("/probabilities", probabilities.data);
} catch (error) {
  await send("/error", String(error?.stack ?? error));
}
</script>`;

/** Starts a server for a model and its images; `answer` resolves to the probabilities. */
async function servePage(request: OnnxRequest) {
  await import(runtime); // downloads the package
  const folder = new URL(".", import.meta.resolve(runtime));
  const files: Readonly<Record<string, string>> = { "/model": request.model, "/images": request.images };
  const { promise: answer, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (message) => {
    const { pathname } = new URL(message.url), file = files[pathname];
    if (pathname === "/") return new Response(page, { headers: { "content-type": "text/html" } });
    if (pathname === "/shape") return Response.json(request.shape);
    if (pathname === "/probabilities") resolve(new Uint8Array(await message.arrayBuffer()));
    else if (pathname === "/error") reject(new Error(await message.text()));
    else if (file !== undefined) return new Response(await Deno.readFile(file));
    else if (pathname.startsWith("/runtime/")) {
      return new Response(await Deno.readFile(new URL(pathname.slice("/runtime/".length), folder)), {
        headers: { "content-type": types[extname(pathname)] ?? "application/octet-stream" },
      });
    } else return new Response(null, { status: 404 });
    return new Response(null, { status: 204 });
  });
  return { server, answer };
}

if (import.meta.main) {
  const [chromium = "", text = ""] = Deno.args, request: OnnxRequest = JSON.parse(text);
  const { server, answer } = await servePage(request);
  const profile = await Deno.makeTempDir({ prefix: "mean-teacher-chromium-" });
  const browser = new Deno.Command(chromium, {
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--remote-debugging-port=0", // keeps the browser open until it is ended
      `--user-data-dir=${profile}`,
      `http://127.0.0.1:${server.addr.port}/`,
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    const ended = browser.status.then(({ code }) => {
      throw new Error(`Chromium ended with ${code}`);
    });
    await Deno.writeFile(request.probabilities, await Promise.race([answer, ended]));
  } finally {
    browser.kill("SIGKILL");
    await browser.status;
    await server.shutdown();
    await Deno.remove(profile, { recursive: true });
  }
}
