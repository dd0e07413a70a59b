/**
 * ONNX Runtime in a process of its own, without the project's lock file: everyone who runs the project would
 * download the package otherwise. Reads requests from stdin, one JSON object per line, and answers each.
 */
import { TextLineStream } from "../../bench/peers/line_stream.ts";

/** A model and its images, by path, and the path for the probabilities. */
export interface OnnxRequest {
  readonly model: string;
  readonly images: string;
  readonly shape: readonly number[];
  readonly probabilities: string;
}

/** The parts of the package that are used. */
interface Runtime {
  readonly env: { readonly wasm: { numThreads: number } };
  readonly Tensor: new (type: "uint8", data: Uint8Array, shape: readonly number[]) => unknown;
  readonly InferenceSession: {
    create(file: Uint8Array): Promise<{
      run(inputs: Record<string, unknown>): Promise<Record<string, { readonly data: unknown } | undefined>>;
      release(): Promise<void>;
    }>;
  };
}

async function answer(runtime: Runtime, request: OnnxRequest): Promise<void> {
  const session = await runtime.InferenceSession.create(await Deno.readFile(request.model));
  try {
    const images = new runtime.Tensor("uint8", await Deno.readFile(request.images), request.shape);
    const { probabilities } = await session.run({ images });
    if (!(probabilities?.data instanceof Float32Array)) throw new TypeError("probabilities are not float32");
    await Deno.writeFile(request.probabilities, new Uint8Array(probabilities.data.slice().buffer));
  } finally {
    await session.release();
  }
}

if (import.meta.main) {
  const name = "npm:onnxruntime-web@1.30.0";
  const runtime: Runtime = await import(name);
  runtime.env.wasm.numThreads = 1;
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  for await (const line of lines) {
    const error = await answer(runtime, JSON.parse(line)).then(() => null, String);
    console.log(JSON.stringify({ error }));
  }
}
