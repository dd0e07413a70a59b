/** The library's program in the README runs as it stands there, but for its data: a tiny MNIST. */
import { pathToFileURL } from "node:url";
import { assert, assertEquals } from "./assert.ts";
import { gpuTest } from "./kernels/device.ts";

gpuTest(
  "the program of the README trains its own network, and prints the errors of evaluations",
  async () => {
    const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
    const [, program = ""] = /^## Library$.*?^```ts ignore\n(.*?)^```$/ms.exec(readme) ?? [];
    assert(program.includes("{ network }"), program);
    const { href } = new URL("tiny_mnist.ts", import.meta.url);
    const file = await Deno.makeTempFile({ suffix: ".ts" });
    const lines: unknown[][] = [], { log } = console;
    console.log = (...values) => lines.push(values);
    try {
      await Deno.writeTextFile(file, program.replaceAll("https://…/mod.ts", href));
      await import(pathToFileURL(file).href);
    } finally {
      console.log = log;
      await Deno.remove(file);
    }
    const [last = []] = lines.slice(-1), [step, error] = last.map(Number);
    assertEquals(step, 2);
    assert(error !== undefined && error >= 0 && error <= 1, `${error}`);
  },
);
