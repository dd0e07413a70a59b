/** Files that browsers load: none needs a runtime that browsers lack. */
import { dirname, join } from "node:path/posix";
import { assert, assertEquals } from "./assert.ts";

/** Returns the specifiers of static and dynamic imports of a file, except type imports. */
function loadedBy(text: string): string[] {
  const statements = /(?:^(?:import|export)\s(?!type\s)(?:[^;'"]*?\sfrom\s*)?|\bawait import\()"([^"]+)"/gm;
  return [...text.matchAll(statements)].map(([, specifier]) => specifier!);
}

/** Packages without a trace of Deno or Node, which bundlers take in. */
const packages: readonly RegExp[] = [];
/**
 * Words of features that browsers lack or bundles cannot contain: files, workers with their modules, and syntax and
 * methods that are younger than WebGPU in many of them.
 */
const absent = /\bDeno\b|["'`]node:|\bnew Worker\b|\busing \w+ =|\.(toHex|toBase64)\(/;

Deno.test("browsers: browser.ts and all that it loads use neither Deno nor Node, files nor workers", async () => {
  const seen = new Set<string>();
  const visit = async (path: string): Promise<void> => {
    if (seen.has(path)) return;
    seen.add(path);
    const text = await Deno.readTextFile(new URL(`../${path}`, import.meta.url));
    if (!path.endsWith(".ts")) return;
    const [found] = absent.exec(text.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, "")) ?? [];
    assert(!found && !path.startsWith("data/files/"), `${path} has ${found ?? "to do with files"}`);
    for (const specifier of loadedBy(text)) {
      if (packages.some((name) => name.test(specifier))) continue;
      assert(/^\.\.?\//.test(specifier), `${path} loads ${specifier}, which browsers have not`);
      await visit(join(dirname(path), specifier));
    }
  };
  await visit("browser.ts");
  await visit("examples/browser/main.ts");
  for (
    const path of [
      "nn/model.ts",
      "semisup/training/trainer.ts",
      "data/feed.ts",
      "kernels/device.ts",
      "kernels/ops/matmul/matmul.wgsl",
    ]
  ) {
    assert(seen.has(path), path);
  }
});

Deno.test("browsers: the check sees imports in all their forms, and not those of types", () => {
  const text = `import a from "./a.ts";\nimport {\n  b,\n  type B,\n} from "node:b";\nexport * from "npm:c@1";
import "./d.ts";\nimport type { E } from "./e.ts";\nexport type { F } from "./f.ts";\nconst g = "import";
import wgsl from "./h.wgsl" with { type: "text" };\n  const { i } = await import("npm:i@1");`;
  assertEquals(loadedBy(text), ["./a.ts", "node:b", "npm:c@1", "./d.ts", "./h.wgsl", "npm:i@1"]);
});
