/** The command that lists networks and their parameters. */
import { architectures, findArchitecture, parameterTable, summarizeNetwork } from "../../nn/mod.ts";
import models from "../vectors/models.json" with { type: "json" };
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { assertEnded, commandOf, run } from "./command.ts";

const networks = (...args: readonly string[]) => run([...commandOf("networks"), ...args], ".");

Deno.test("networks: all are listed, each with its number of parameters and a summary", async () => {
  const ending = await networks("--heads=2");
  assertEnded(ending, 0);
  const [title, , head, ...lines] = ending.stdout.trimEnd().split("\n");
  assertEquals(title, "Networks for images of 3×32×32, 10 classes, two heads");
  assertEquals(head!.split(/ {2,}/), ["network", "parameters", "summary"]);
  assertEquals(lines.map((line) => line.split(/ {2,}/)[0]), architectures.map(({ name }) => name));
  for (const [i, { summary }] of architectures.entries()) assert(lines[i]!.endsWith(`  ${summary}`));
  assertStringIncludes(ending.stdout, "cifar_shakeshake26  26 197 316  ");
  assertEquals(models.cifar_shakeshake26.parameters, 26_197_316);
});

Deno.test("networks: the parameters of one are those of PyTorch's network, by name, shape and count", async () => {
  const ending = await networks(
    "--arch=resnext152",
    "--image-shape=3,224,224",
    "--classes=1000",
    "--heads=2",
  );
  assertEnded(ending, 0);
  const [about = "", summary = "", table = ""] = ending.stdout.trimEnd().split("\n\n");
  assertEquals(about, "resnext152 for images of 3×224×224, 1000 classes, two heads");
  assertMatch(
    summary,
    /^layer +type +output shape +parameters\nnetwork +Classifier +\[1, 1000\], \[1, 1000\]$/m,
  );
  assertMatch(summary, /^total +62 000 400$/m);
  const [head, ...lines] = table.split("\n");
  assertEquals(head!.split(/ {2,}/), ["parameter", "shape", "count"]);
  const { parameters, state_dict: shapes } = models.resnext152;
  assertEquals(lines.pop()!.split(/ {2,}/), ["total", "62 000 400"]);
  assertEquals(parameters, 62_000_400);
  const found = Object.fromEntries(lines.map((line) => {
    const [name, shape, count] = line.split(/ {2,}/) as [string, string, string];
    const sizes: number[] = JSON.parse(shape);
    assertEquals(Number(count.replaceAll(" ", "")), sizes.reduce((product, size) => product * size));
    return [name, sizes];
  }));
  const isParameter = (name: string) => !/running_(mean|var)$|num_batches_tracked$/.test(name);
  assertEquals(found, Object.fromEntries(Object.entries(shapes).filter(([name]) => isParameter(name))));
});

Deno.test("networks: one head or two, any images that the network takes", async () => {
  const ending = await networks("--arch=convnet_small", "--image-shape=1,28,28", "--classes=3");
  assertEnded(ending, 0);
  const network = findArchitecture("convnet_small").build({
    imageShape: [1, 28, 28],
    classCount: 3,
    headCount: 1,
    dropout: 0,
    inputNoise: 0,
    seed: 1,
  });
  assertEquals(
    ending.stdout,
    `convnet_small for images of 1×28×28, 3 classes, one head\n\n${
      summarizeNetwork(network, [1, 1, 28, 28])
    }\n\n${parameterTable(network)}\n`,
  );
  const refusals: readonly (readonly [args: readonly string[], message: string])[] = [
    [["--arch=convnet"], "--arch must be one of convnet_small, convnet_medium, convnet13, "],
    [
      ["--image-shape=3,32"],
      '--image-shape must be three numbers (channels, height and width), but is "3,32"',
    ],
    [["--image-shape=3,0,32"], "--image-shape must be a whole number from 1"],
    [["--arch=convnet13", "--image-shape=3,8,8"], "Cannot build convnet13: images must be at least 12×12"],
    [["--heads=3"], "--heads must be a whole number from 1 to 2"],
  ];
  for (const [args, message] of refusals) {
    const refused = await networks(...args);
    assertEnded(refused, 1);
    assertStringIncludes(refused.stderr, message);
    assertEquals(refused.stdout, "");
  }
});
