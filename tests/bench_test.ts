/** Measurements: quartiles, samples in turn, and comparisons with other versions of the project. */
import { quartiles } from "../bench/timing.ts";
import { assert, assertEquals, assertStringIncludes } from "./assert.ts";

const root = decodeURIComponent(new URL("..", import.meta.url).pathname);

/** Runs `deno task bench` with these arguments. */
async function bench(...args: string[]) {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${root}bench/main.ts`, ...args],
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await command.output();
  const [output, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, output: output ?? "", errors: errors ?? "" };
}

Deno.test("bench: quartiles are interpolated", () => {
  assertEquals(quartiles([5, 1, 4, 2, 3]), [2, 4]);
  assertEquals(quartiles([1, 2]), [1.25, 1.75]);
  assertEquals(quartiles([7]), [7, 7]);
});

Deno.test("bench: a comparison with the same version has equal results, and a ratio with its spread", async () => {
  const { code, output, errors } = await bench(
    "--compare",
    root,
    "--filter",
    "sum 8388608",
    "--samples",
    "1",
    "--json",
  );
  assertEquals(code, 0, errors);
  const { rows } = JSON.parse(output);
  assertEquals(rows.map(({ peer }: { peer: string }) => peer), ["this checkout", root]);
  for (const { work, deviation, ratio, ratioQuartiles: [low, high], note } of rows) {
    assertEquals([work, deviation, note], ["sum 8388608", 0, undefined]);
    assert(low <= ratio && ratio <= high, `${low} ${ratio} ${high}`);
  }
});

Deno.test("bench: an unknown version is refused", async () => {
  const { code, errors } = await bench("--compare", "no-such-version", "--filter", "no such case");
  assertEquals(code, 1);
  assertStringIncludes(errors, "Cannot read the other version: git: fatal:");
});
