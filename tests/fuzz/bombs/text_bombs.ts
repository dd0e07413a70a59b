/** Texts made by hand, for all readers of JSON, YAML, tables, lists and logs. */
import { readers } from "../readers.ts";
import { type Bomb, text } from "./bomb.ts";

const million = 1_000_000;

/** Texts that make parsers slow, deep or large. */
const patterns: Readonly<Record<string, () => string>> = {
  "nested arrays": () => "[".repeat(million),
  "closed nested arrays": () => "[".repeat(100_000) + "]".repeat(100_000),
  "few nested arrays": () => "[".repeat(3000) + "]".repeat(3000),
  "nested objects": () => '{"a":'.repeat(200_000),
  "few nested objects": () => `${'{"a":'.repeat(3000)}1${"}".repeat(3000)}`,
  "objects in arrays": () => '[{"a":'.repeat(100_000),
  "YAML sequences": () => "- ".repeat(100_000),
  "YAML mappings": () => Array.from({ length: 1000 }, (_, i) => `${" ".repeat(i)}a:\n`).join(""),
  "YAML keys of keys": () => "? ".repeat(100_000),
  "YAML flow": () => `a: ${"{b: ".repeat(50_000)}`,
  "YAML aliases": () =>
    `a0: &a0 [x, x]\n${
      Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`).join("")
    }`,
  "YAML aliases of themselves": () => "a: &a [*a, *a]\n",
  "YAML merges": () => `a: &a {b: 1}\n${"<<: *a\n".repeat(10_000)}`,
  "YAML documents": () => "---\na: 1\n".repeat(100_000),
  "YAML tags": () => `a: ${"!!map ".repeat(100_000)}x\n`,
  "YAML anchors": () => "&a ".repeat(200_000),
  "YAML block scalars": () => `a: |\n${" x\n".repeat(300_000)}`,
  "YAML directives": () => "%YAML 1.2\n".repeat(100_000),
  "an open string": () => `"${"x".repeat(million)}`,
  quotes: () => '"'.repeat(million),
  apostrophes: () => "'".repeat(million),
  backslashes: () => `"${"\\".repeat(million)}`,
  escapes: () => `"${"\\u0000".repeat(200_000)}"`,
  commas: () => ",".repeat(million),
  semicolons: () => ";".repeat(million),
  colons: () => ":".repeat(million),
  blanks: () => `${" ".repeat(million)}x`,
  tabs: () => `a${"\t".repeat(million)}x`,
  "no-break spaces": () => `a${"\u00a0".repeat(500_000)}x`,
  "line breaks": () => "\n".repeat(million),
  "carriage returns": () => "a\r".repeat(500_000),
  zeros: () => "\0".repeat(million),
  "byte order marks": () => "\ufeff".repeat(300_000),
  "combining marks": () => `a${"\u0301".repeat(300_000)}`,
  "marks of direction": () => "\u202e".repeat(300_000),
  surrogates: () => "\ud800".repeat(300_000),
  dots: () => ".".repeat(million),
  "parent folders": () => "../".repeat(300_000),
  comments: () => "# x\n".repeat(250_000),
  "block comments": () => "/*".repeat(500_000),
  "a long number": () => `{"seed": ${"9".repeat(million)}}`,
  "a long fraction": () => `{"epochs": 0.${"0".repeat(million)}1}`,
  "a long exponent": () => `{"epochs": 1e${"9".repeat(100_000)}}`,
  "signs": () => "-".repeat(million),
  "one key again and again": () => `{${'"seed":1,'.repeat(100_000)}"seed":1}`,
  "many keys": () => `{${Array.from({ length: 100_000 }, (_, i) => `"k${i}":1`).join()}}`,
  "a long key": () => `{"${"k".repeat(million)}":1}`,
  "__proto__": () => '{"__proto__": {"seed": 1}, "constructor": {"prototype": 1}}',
  "many records": () => '{"kind":"costs","step":1}\n'.repeat(50_000),
  "many empty objects": () => "{}\n".repeat(300_000),
  "many small arrays": () => `[${"[],".repeat(300_000)}[]]`,
  "a long word": () => "a".repeat(million),
  "a number a line": () => "1\n".repeat(500_000),
};

/** Readers of text. */
const names = [
  "label list",
  "label table",
  "pixel table",
  "cifar labels",
  "safetensors header",
  "model description",
  "run description",
  "config.json",
  "config.yaml",
  "log",
];

/** Returns the bombs. */
export function textBombs(): Bomb[] {
  return names.flatMap((name) =>
    Object.entries(patterns).map(([pattern, make]) => ({
      name: `${name}: ${pattern}`,
      reader: readers[name]!,
      make: () => text(make()),
    }))
  );
}
