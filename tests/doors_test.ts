/** The doors of the library: what each exports is listed in groups at the head of its documentation. */
import { assertEquals } from "./assert.ts";

const root = new URL("..", import.meta.url);

/** Names that a module exports at run time. */
async function exportsOf(door: string): Promise<string[]> {
  return Object.keys(await import(new URL(door, root).href)).sort();
}

/** Names in the groups of a module's documentation, in order of appearance. */
async function groupedNames(door: string): Promise<string[]> {
  const [head = ""] = (await Deno.readTextFile(new URL(door, root))).split("*/");
  const groups = head.replaceAll(/\n \* /g, "\n").match(/^- \*\*[^]*?(?=^- \*\*|^ ?\*|^$)/gm) ?? [];
  return groups.flatMap((group) => [...group.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name));
}

for (const room of ["kernels", "nn", "semisup", "data", "data/files"]) {
  Deno.test(`doors: each function, class and constant of ${room} is in one group of its documentation`, async () => {
    const door = `${room}/mod.ts`;
    assertEquals((await groupedNames(door)).sort(), await exportsOf(door));
  });
}

for (const room of ["kernels", "data"]) {
  Deno.test(`doors: internals of ${room} are not exported by other doors`, async () => {
    const names = await exportsOf("mod.ts");
    assertEquals((await exportsOf(`${room}/internal.ts`)).filter((name) => names.includes(name)), []);
  });
}
