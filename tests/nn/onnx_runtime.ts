/** Exported models in ONNX Runtime. */
import * as ort from "npm:onnxruntime-web@1.30.0";

ort.env.wasm.numThreads = 1;

/** Returns the probabilities that ONNX Runtime computes for images, `[N, classes]`. */
export async function runOnnx(
  file: Uint8Array,
  images: Uint8Array,
  imageShape: readonly number[],
): Promise<Float32Array> {
  const size = imageShape.reduce((product, length) => product * length);
  const session = await ort.InferenceSession.create(file);
  try {
    const operand = new ort.Tensor("uint8", images, [images.length / size, ...imageShape]);
    const { probabilities } = await session.run({ images: operand });
    if (!(probabilities?.data instanceof Float32Array)) throw new TypeError("probabilities are not float32");
    return probabilities.data;
  } finally {
    await session.release();
  }
}
