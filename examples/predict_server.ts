// Serves a trained model over HTTP: a POST with an image file returns class and probability as JSON.
// Train a model first, for example with: deno run -A cli/train.ts --data photos --output runs/mine
// Run it with: deno run -A examples/predict_server.ts runs/mine/model.safetensors 8000
import { decodeImage, loadModel } from "../mod.ts";

const [modelFile = "runs/mine/model.safetensors", port = "8000"] = Deno.args;
const model = await loadModel(modelFile);
const { imageShape: [channels, height, width] } = model.description;

async function classify(file: Uint8Array) {
  const planes = new Uint8Array(channels * height * width);
  await decodeImage(file, [height, width], planes, channels === 1 ? 1 : 3);
  const [prediction] = await model.predict([{ planes, width, height }]);
  return { class: prediction?.className, probability: prediction?.probability };
}

Deno.serve({ port: Number(port) }, async (request) => {
  if (request.method !== "POST") return new Response("POST an image file\n", { status: 405 });
  try {
    return Response.json(await classify(await request.bytes()));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return Response.json({ error: `Cannot decode the image: ${error.message}` }, { status: 400 });
  }
});
