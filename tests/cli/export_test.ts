/** The command that exports models. */
import { join } from "node:path";
import { Model, writeModel } from "../../nn/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";
import { assertClose } from "../kernels/close.ts";
import { gpuTest } from "../kernels/device.ts";
import { madeUpModel } from "../nn/made_up_model.ts";
import { runOnnx } from "../nn/onnx_runtime.ts";
import { assertEnded, commandOf } from "./command.ts";
import { callOn } from "./in_process.ts";

Deno.test("export: a model file needs no GPU", async () => {
  const contents = madeUpModel("convnet_small", { imageShape: [1, 8, 8] });
  await withFiles({ "model.safetensors": writeModel(contents) }, async (directory) => {
    const [model, file] = [join(directory, "model.safetensors"), join(directory, "a.onnx")];
    const env = { VK_DRIVER_FILES: "/nonexistent", VK_ICD_FILENAMES: "/nonexistent" };
    const [program = "", ...args] = [...commandOf("export"), model, "--onnx", file];
    const { code, stderr } = await new Deno.Command(program, { args, env }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    assert((await Deno.stat(file)).size > 1000);
  });
});

gpuTest("export: the file computes the model's probabilities, and says what it takes", async (device) => {
  const call = callOn(device);
  const contents = madeUpModel("convnet_small", { imageShape: [1, 8, 8], temperature: 2, headCount: 2 });
  await withFiles({ "model.safetensors": writeModel(contents) }, async (directory) => {
    const [model, file] = [join(directory, "model.safetensors"), join(directory, "a.onnx")];
    const ending = await call("export", model, "--onnx", file, "--license", "CC0-1.0");
    assertEnded(ending, 0);
    assertStringIncludes(
      ending.stdout,
      "float32, from images (uint8, N×1×8×8) to probabilities (float32, N×3)",
    );
    assertStringIncludes(ending.stderr, "Resize pictures to 8×8 pixels");
    const bytes = await Deno.readFile(file), images = Uint8Array.from({ length: 128 }, (_, i) => 2 * i);
    assertStringIncludes(new TextDecoder().decode(bytes), "CC0-1.0");
    using loaded = await Model.create(contents, { device });
    const want = (await loaded.predictPlanes(images)).flatMap(({ probabilities }) => [...probabilities]);
    assertClose(await runOnnx(bytes, images, [1, 8, 8]), want, { rtol: 0, atol: 1e-4 });
    const half = join(directory, "half.onnx");
    assertEnded(await call("export", model, "--onnx", half, "--half", "--quiet"), 0);
    assert((await Deno.stat(half)).size < 0.6 * bytes.length);
  });
});

gpuTest(
  "export: files that cannot be written or read are refused, and nothing is written",
  async (device) => {
    const call = callOn(device);
    const contents = madeUpModel("convnet_small", { imageShape: [1, 8, 8] });
    const files = { "model.safetensors": writeModel(contents), "old.onnx": new Uint8Array(3) };
    await withFiles(files, async (directory) => {
      const at = (name: string) => join(directory, name);
      const refusals: readonly (readonly [args: readonly string[], message: string])[] = [
        [[at("model.safetensors")], "--onnx is missing: name the file to write"],
        [[at("model.safetensors"), "--onnx", at("a.pb")], "the name must end with .onnx"],
        [[at("model.safetensors"), "--onnx", at("old.onnx")], "the file exists"],
        [[at("model.safetensors"), "--onnx", at("a.onnx"), "--student"], "a model file has only one network"],
        [[at("absent.safetensors"), "--onnx", at("a.onnx")], "Cannot read the model"],
        [[at("old.onnx"), "--onnx", at("a.onnx")], "Cannot read"],
      ];
      for (const [args, message] of refusals) {
        const ending = await call("export", ...args);
        assertEquals(ending.code, 1, ending.stdout);
        assertStringIncludes(ending.stderr, message);
      }
      assertEquals(
        [...Deno.readDirSync(directory)].map(({ name }) => name).sort(),
        Object.keys(files).sort(),
      );
    });
  },
);
