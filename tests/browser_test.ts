/** What browsers get: of the files it loads, none is of a runtime that they have not. */
import { dirname, join } from "node:path/posix";
import { assert, assertEquals } from "./assert.ts";

/** What a file loads when it loads: specifiers of its imports, but those of types. */
function loadedBy(text: string): string[] {
  const statements = /^(?:import|export)\s(?!type\s)(?:[^;'"]*?\sfrom\s*)?"([^"]+)"/gm;
  return [...text.matchAll(statements)].map(([, specifier]) => specifier!);
}

Deno.test("browsers: browser.ts and all that it loads is without a trace of Deno or Node", async () => {
  const seen = new Set<string>();
  const visit = async (path: string): Promise<void> => {
    if (seen.has(path)) return;
    seen.add(path);
    const text = await Deno.readTextFile(new URL(`../${path}`, import.meta.url));
    if (!path.endsWith(".ts")) return;
    assert(!/\bDeno\./.test(text.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, "")), `${path} uses Deno`);
    for (const specifier of loadedBy(text)) {
      assert(/^\.\.?\//.test(specifier), `${path} loads ${specifier}, which browsers have not`);
      await visit(join(dirname(path), specifier));
    }
  };
  await visit("browser.ts");
  for (
    const path of [
      "nn/model.ts",
      "semisup/trainer.ts",
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
import wgsl from "./h.wgsl" with { type: "text" };\n`;
  assertEquals(loadedBy(text), ["./a.ts", "node:b", "npm:c@1", "./d.ts", "./h.wgsl"]);
});
