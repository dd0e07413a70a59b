/** Mutated files in all readers, few in each; `deno task fuzz --runs N` tries more. */
import { assertEquals } from "../assert.ts";
import { fuzz, tryInput } from "./fuzz.ts";
import corpus from "./corpus.json" with { type: "json" };
import { readers } from "./readers.ts";

for (const [name, reader] of Object.entries(readers)) {
  Deno.test(`fuzz: ${name} reads the whole files, and mutated ones or refuses them in plain words`, async () => {
    for (const seed of reader.seeds) {
      const { isRefused, fault } = await tryInput(reader, seed);
      assertEquals([isRefused && name !== "weights" && name !== "first bytes", fault], [false, undefined]);
    }
    await fuzz(name, reader, 200, 20261129);
  });
}

Deno.test("fuzz: files that once showed a fault are refused or read", async () => {
  for (const [name = "", base64 = ""] of corpus as string[][]) {
    const reader = readers[name];
    if (!reader) throw new Error(`There is no reader ${name}`);
    assertEquals(
      (await tryInput(reader, Uint8Array.fromBase64(base64))).fault,
      undefined,
      `${name} ${base64}`,
    );
  }
});
