/** Rules of the rooms: imports between rooms and through their doors, and uses of Deno and the console. */
import { dirname, join } from "node:path/posix";
import { assert, assertEquals } from "./assert.ts";

/** For each room, the rooms and files at the root that it may import. `mod.ts` is the front door, `browser.ts` that of browsers. */
const MAY_IMPORT: Record<string, string[]> = {
  kernels: [],
  nn: ["kernels"],
  data: ["kernels"],
  "data/files": ["kernels", "data"],
  semisup: ["kernels", "nn", "data"],
  cli: ["kernels", "nn", "data", "data/files", "semisup", "mod.ts", "deno.json"],
  "mod.ts": ["browser.ts", "data/files"],
  "browser.ts": ["kernels", "nn", "data", "semisup"],
};
/** For each room with a door for internals, the rooms that may use that door; tests and benchmarks may use all. */
const MAY_IMPORT_INTERNALS: Record<string, string[]> = { data: ["data/files", "semisup", "cli"] };
const MAY_USE_DENO = ["data/files", "cli"];
const MAY_TALK = ["cli"];
const TALK = /^(console|Deno\.(args|exit|exitCode|stdin|stdout|stderr))$/;
const PINNED_NPM = /^npm:(@[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+(-[\w.]+)?(\/|$)/;
/** Placeholder of a computed specifier, and the only file that may import one: it loads modules that users name. */
const COMPUTED = "a computed specifier", MAY_IMPORT_COMPUTED = "cli/plan/plugin.ts";
const ONLY_SPECIFIERS = "but only relative, node: and npm:name@1.2.3 specifiers are allowed";

Deno.test("layering: rooms import, print and use Deno only as the design allows", async () => {
  const files = new Map<string, string>();
  for (const room of Object.keys(MAY_IMPORT)) await readSources(room, files);
  assertEquals(violations(files), []);
});

Deno.test("layering: a folder of shipped code has 25 files at most", async () => {
  const files = new Map<string, string>();
  for (const room of [...Object.keys(MAY_IMPORT), "bench"]) await readSources(room, files);
  assertEquals(crowdedFolders(files.keys()), []);
  const crowd = Array.from({ length: 26 }, (_, i) => `nn/layers/${i}.ts`);
  assertEquals(crowdedFolders(crowd), ["nn/layers has 26 files"]);
  assertEquals(crowdedFolders(["nn/mod.ts", ...crowd.slice(1)]), []);
});

Deno.test("layering: nothing depends on an import map, which users of the modules would not see", async () => {
  const config = JSON.parse(await Deno.readTextFile(new URL("../deno.json", import.meta.url)));
  for (const key of ["imports", "importMap", "scopes"]) assert(!(key in config), `deno.json has ${key}`);
});

const WGSL = "// out = a";
const STRANGE = [
  "jsr:@std/path@1.0.0",
  "https://example.org/a.ts",
  "lodash",
  "npm:a",
  "npm:b@^1.2.3",
  "npm:c@1",
];
/** Made-up houses, each with what the check must say of it. */
const HOUSES: [string, Record<string, string>, string[]][] = [
  ["what the design allows", {
    "mod.ts": `export * from "./browser.ts"; export { a } from "./data/files/mod.ts";`,
    "kernels/mod.ts":
      `import wgsl from "./ops/a.wgsl" with { type: "text" }; export const a = wgsl; // Deno.exit(1)`,
    "kernels/ops/a.wgsl": WGSL,
    "nn/mod.ts": `import { a } from "../kernels/mod.ts"; export const s = "console.log(Deno.args)" + a;`,
    "data/mod.ts": `import { a } from "./a.ts"; export * from "../kernels/mod.ts";`,
    "data/files/mod.ts": `export * from "./known/a.ts"; export * from "../../kernels/mod.ts";`,
    "data/files/known/a.ts":
      `import { a } from "../../mod.ts"; import { join } from "node:path"; import "npm:@scope/name@1.0.0-rc.1/file.js"; import "npm:a@1.2.3";
      const NAME = "npm:b@1.2.3"; await import(\`\${NAME}/package.json\`); await Deno.stat(join("a", "b"));`,
    "cli/train.ts":
      `import "../mod.ts"; import config from "../deno.json" with { type: "json" }; import "../data/mod.ts"; import "../data/files/mod.ts"; console.log(Deno.args); Deno.exit(0);`,
    "semisup/a.ts": `import "../data/mod.ts"; import "../data/internal.ts";`,
    "browser.ts": `export * from "./data/mod.ts"; export * from "./kernels/mod.ts";`,
  }, []],
  ["files, which only the cli reads", {
    "mod.ts": `export * from "./browser.ts"; export * from "./data/files/mod.ts";`,
    "browser.ts": `export * from "./data/files/mod.ts";`,
    "data/a.ts": `import type { A } from "./files/mod.ts";`,
    "data/files/a.ts": `import { a } from "../a.ts"; import { s } from "../../semisup/mod.ts";`,
    "semisup/a.ts": `import "../data/files/mod.ts";`,
    "cli/a.ts": `import "../data/files/disk.ts";`,
  }, [
    "browser.ts imports ./data/files/mod.ts, but browser.ts may import only kernels, nn, data, semisup",
    "data/a.ts imports ./files/mod.ts, but data may import only kernels",
    "data/files/a.ts imports ../a.ts, but the door of data is data/mod.ts",
    "data/files/a.ts imports ../../semisup/mod.ts, but data/files may import only kernels, data",
    "semisup/a.ts imports ../data/files/mod.ts, but semisup may import only kernels, nn, data",
    "cli/a.ts imports ../data/files/disk.ts, but the door of data/files is data/files/mod.ts",
  ]],
  ["a room above", {
    "kernels/a.ts": `import type { Layer } from "../nn/mod.ts";`,
    "data/a.ts": `export * from "../nn/mod.ts";`,
    "nn/mod.ts":
      `type A = import("../semisup/mod.ts").A; await import("../cli/train.ts"); import "../mod.ts";`,
  }, [
    "kernels/a.ts imports ../nn/mod.ts, but kernels may import no other room",
    "data/a.ts imports ../nn/mod.ts, but data may import only kernels",
    "nn/mod.ts imports ../semisup/mod.ts, but nn may import only kernels",
    "nn/mod.ts imports ../cli/train.ts, but nn may import only kernels",
    "nn/mod.ts imports ../mod.ts, but nn may import only kernels",
  ]],
  ["another room not by its door", {
    "data/a.ts": `import "../deno.json" with { type: "json" };`,
    "nn/a.ts":
      `export { matmul } from "../kernels/ops/matmul.ts"; import { device } from "../tests/device.ts";`,
    "semisup/a.ts": `import "../kernels/internal.ts";`,
  }, [
    "data/a.ts imports ../deno.json, which is in no room",
    "nn/a.ts imports ../kernels/ops/matmul.ts, but the door of kernels is kernels/mod.ts",
    "nn/a.ts imports ../tests/device.ts, which is in no room",
    "semisup/a.ts imports ../kernels/internal.ts, but the door of kernels is kernels/mod.ts",
  ]],
  ["specifiers of other kinds", {
    "cli/a.ts": STRANGE.map((specifier) => `import "${specifier}";`).join("\n"),
    "data/a.ts": `const NAME = "npm:a@2"; await import(\`\${NAME}/a.js\`); await import(prompt());`,
  }, [
    ...STRANGE.map((specifier) => `cli/a.ts imports ${specifier}, ${ONLY_SPECIFIERS}`),
    `data/a.ts imports npm:a@2/a.js, ${ONLY_SPECIFIERS}`,
    `data/a.ts imports a computed specifier, ${ONLY_SPECIFIERS}`,
  ]],
  ["a cycle of files, but types may go round: they are gone when the files load", {
    "nn/a.ts": `import { b } from "./b.ts"; export type A = typeof b;`,
    "nn/b.ts":
      `export * from "./c.ts"; import type { A } from "./a.ts"; import { type A as B } from "./a.ts";`,
    "nn/c.ts": `export const b = (await import("./b.ts")).c;`,
  }, [
    "files import each other: nn/b.ts → nn/c.ts → nn/b.ts",
  ]],
  ["Deno and the console in the wrong room", {
    "kernels/a.ts":
      `export const a = (file: Deno.FsFile) => globalThis.Deno ? file : undefined; console.warn(1);`,
    "data/a.ts": `if (typeof Deno !== "undefined");`,
    "data/files/a.ts": `if (typeof Deno !== "undefined") Deno.exit(Deno.args.length);`,
  }, [
    "kernels/a.ts uses Deno, which only data/files, cli may",
    "kernels/a.ts uses console, which only cli may",
    "data/a.ts uses Deno, which only data/files, cli may",
    "data/files/a.ts uses Deno.exit, which only cli may",
    "data/files/a.ts uses Deno.args, which only cli may",
  ]],
  ["shaders", {
    "kernels/a.ts": `import a from "./a.wgsl"; import b from "./b.wgsl" with { type: "text" };`,
    "kernels/a.wgsl": WGSL,
    "kernels/b.wgsl": "override TILE = 8;\n// out = b",
  }, [
    `kernels/a.ts imports ./a.wgsl, but not with { type: "text" }`,
    "kernels/b.wgsl does not say in a comment on its first line what it computes",
  ]],
];
for (const [name, files, expected] of HOUSES) {
  Deno.test(`layering: the check is right about ${name}`, () => {
    assertEquals(violations(new Map(Object.entries(files))), expected);
  });
}

/** Adds the sources at `path`, a file or folder of the project, to `files`. */
async function readSources(path: string, files: Map<string, string>): Promise<void> {
  const url = new URL(`../${path}`, import.meta.url);
  if (/\.(ts|wgsl)$/.test(path)) files.set(path, await Deno.readTextFile(url));
  else if ((await Deno.stat(url)).isDirectory) {
    for await (const { name } of Deno.readDir(url)) await readSources(`${path}/${name}`, files);
  }
}

/** Folders with too many files to find one's way, given all paths. */
function crowdedFolders(paths: Iterable<string>): string[] {
  const folders = Map.groupBy(paths, dirname);
  return [...folders].filter(([, { length }]) => length > 25).map(([path, { length }]) =>
    `${path} has ${length} files`
  );
}

/** The room that a file is in: the innermost. */
function roomOf(path: string): string {
  return path.startsWith("data/files/") ? "data/files" : path.split("/")[0]!;
}

/** Returns the faults of a source tree, passed as texts by path from its root. */
function violations(files: Map<string, string>): string[] {
  const found: string[] = [];
  const edges = new Map<string, string[]>();
  for (const [path, text] of files) {
    if (path.endsWith(".wgsl")) {
      if (!/^(\/\/|\/\*)/.test(text)) {
        found.push(`${path} does not say in a comment on its first line what it computes`);
      }
      continue;
    }
    const room = roomOf(path);
    const { imports, uses } = factsOf(path, text);
    for (const { specifier, isText } of imports) {
      const fault = importFault(path, room, specifier, isText);
      if (fault) found.push(`${path} imports ${specifier}, ${fault}`);
    }
    const loaded = imports.filter(({ isType }) => !isType).map((each) => join(dirname(path), each.specifier));
    edges.set(path, loaded);
    if ([...uses].some((use) => use !== "console") && !MAY_USE_DENO.includes(room)) {
      found.push(`${path} uses Deno, which only ${MAY_USE_DENO.join(", ")} may`);
    }
    for (const use of uses) {
      if (TALK.test(use) && !MAY_TALK.includes(room)) {
        found.push(`${path} uses ${use}, which only ${MAY_TALK} may`);
      }
    }
  }
  return [...found, ...cycles(edges)];
}

function importFault(path: string, room: string, specifier: string, isText: boolean): string | undefined {
  if (!/^\.\.?\//.test(specifier)) {
    if (specifier === COMPUTED && path === MAY_IMPORT_COMPUTED) return undefined;
    if (specifier.startsWith("node:") || PINNED_NPM.test(specifier)) return undefined;
    return ONLY_SPECIFIERS;
  }
  if (specifier.endsWith(".wgsl") && !isText) return `but not with { type: "text" }`;
  const target = join(dirname(path), specifier);
  const targetRoom = roomOf(target);
  const allowed = MAY_IMPORT[room]!;
  if (targetRoom === room || allowed.includes(target)) return undefined;
  if (!(targetRoom in MAY_IMPORT)) return "which is in no room";
  if (!allowed.includes(targetRoom)) {
    return `but ${room} may import ${allowed.length ? `only ${allowed.join(", ")}` : "no other room"}`;
  }
  const door = `${targetRoom}/mod.ts`;
  const isInternal = MAY_IMPORT_INTERNALS[targetRoom]?.includes(room) &&
    target === `${targetRoom}/internal.ts`;
  return target === door || isInternal ? undefined : `but the door of ${targetRoom} is ${door}`;
}

function cycles(edges: Map<string, string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  function visit(path: string, trail: string[]): void {
    const start = trail.indexOf(path);
    if (start >= 0) found.push(`files import each other: ${[...trail.slice(start), path].join(" → ")}`);
    if (start >= 0 || done.has(path)) return;
    for (const next of edges.get(path) ?? []) if (next !== path) visit(next, [...trail, path]);
    done.add(path);
  }
  for (const path of edges.keys()) visit(path, []);
  return found;
}

interface Import {
  specifier: string;
  isType: boolean;
  isText: boolean;
}

/** The fields of a syntax tree node that are read. Deno's own types would require its unstable API. */
interface SyntaxNode {
  type: string;
  name?: string;
  value?: unknown;
  importKind?: string;
  exportKind?: string;
  source?: SyntaxNode | null;
  specifiers?: SyntaxNode[];
  attributes?: { value: SyntaxNode }[];
  argument?: { literal: SyntaxNode };
  expressions?: SyntaxNode[];
  quasis?: { cooked: string }[];
  id?: SyntaxNode;
  init?: SyntaxNode | null;
  property?: SyntaxNode;
  parent?: SyntaxNode;
}

/** Deno's parser with a visitor of the syntax tree: the test runner lends it to tests of lint plugins. */
const { runPlugin } = (Deno as unknown as {
  lint: { runPlugin(plugin: unknown, path: string, text: string): unknown };
}).lint;

/** Returns the imports of a file, and its uses of `console` and `Deno` outside comments and strings. */
function factsOf(path: string, text: string): { imports: Import[]; uses: Set<string> } {
  const found: { source: SyntaxNode; isType: boolean; isText: boolean }[] = [];
  const constants = new Map<string, unknown>();
  const uses = new Set<string>();

  function addImport({ source, specifiers = [], attributes = [], importKind, exportKind }: SyntaxNode): void {
    if (!source) return;
    const kinds = specifiers.map((part) => part.importKind ?? part.exportKind);
    const isType = [importKind, exportKind].includes("type") ||
      kinds.length > 0 && kinds.every((kind) => kind === "type");
    found.push({ source, isType, isText: attributes.some(({ value }) => value.value === "text") });
  }
  const visitor: Record<string, (node: SyntaxNode) => void> = {
    ImportDeclaration: addImport,
    ExportAllDeclaration: addImport,
    ExportNamedDeclaration: addImport,
    ImportExpression: addImport,
    TSImportType: ({ argument }) => found.push({ source: argument!.literal, isType: true, isText: false }),
    VariableDeclarator: ({ id, init }) => init?.type === "Literal" && constants.set(id!.name!, init.value),
    Identifier({ name, parent }) {
      const member = parent?.type === "MemberExpression" && parent.property?.name;
      if (name === "console") uses.add(name);
      if (name === "Deno") uses.add(member && member !== name ? `Deno.${member}` : name);
    },
  };
  function specifierOf({ value, name, quasis, expressions = [] }: SyntaxNode): string {
    const parts = quasis?.flatMap((
      { cooked },
      i,
    ) => [cooked, expressions[i] ? specifierOf(expressions[i]) : ""]);
    return parts?.join("") ?? String(value ?? constants.get(name ?? "") ?? COMPUTED);
  }
  runPlugin({ name: "layering", rules: { facts: { create: () => visitor } } }, path, text);
  return { imports: found.map(({ source, ...rest }) => ({ specifier: specifierOf(source), ...rest })), uses };
}
