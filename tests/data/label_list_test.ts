import { CORRECTED, SUGGESTED } from "../../data/internal.ts";
import {
  applyLabelList,
  balancedSplit,
  exampleIndex,
  exampleName,
  formatLabelList,
  hideLabels,
  labelListOf,
  parseLabelList,
} from "../../data/mod.ts";
import { assertEquals, assertThrows } from "../assert.ts";

Deno.test("label list: names and classes are read, with blanks, tabs, any line end and a byte order mark", () => {
  const text = "\ufeffa/1.png cat\r\n\n  two words.png   dog  \nb 3.png \t guinea pig\n4.png dog\n4.png dog";
  assertEquals([...parseLabelList(text)], [
    ["a/1.png", "cat"],
    ["two words.png", "dog"],
    ["b 3.png", "guinea pig"],
    ["4.png", "dog"],
  ]);
  assertEquals(parseLabelList("\n \n").size, 0);
});

Deno.test("label list: a line without a class is refused by file and line", () => {
  const read = (text: string) => () => parseLabelList(text, { source: "labels.txt" });
  assertThrows(read("1.png cat\n2.png\n"), SyntaxError, 'labels.txt: line 2 must be "filename classname"');
  assertThrows(read("1.png\tcat\tdog"), SyntaxError, "line 1");
});

Deno.test("label list: two classes for a file are refused by file and line", () => {
  const read = () => parseLabelList("1.png cat\n2.png cat\n1.png dog\n", { source: "labels.txt" });
  const error = assertThrows(read, SyntaxError, "labels.txt");
  assertEquals(error.message.includes("line 3 lists 1.png as dog and an earlier line as cat"), true);
});

Deno.test("label list: labels below the mark of corrections replace others, and the last one counts", () => {
  const list = `1.png cat\n2.png dog\n${CORRECTED}\n2.png cat\n3.png cat\n${CORRECTED}\r\n3.png dog\n`;
  assertEquals([...parseLabelList(list)], [["1.png", "cat"], ["2.png", "cat"], ["3.png", "dog"]]);
  // A mark ends where the next one begins.
  const both = `${CORRECTED}\n1.png cat\n${SUGGESTED}\n1.png dog\n2.png dog\n`;
  assertEquals([...parseLabelList(both)], [["1.png", "cat"], ["2.png", "dog"]]);
  assertEquals([...parseLabelList(`\ufeff${CORRECTED}\n1.png cat\n`)], [["1.png", "cat"]]);
});

Deno.test("label list: a written list is read back unchanged", () => {
  const list = new Map([["1.png", "cat"], ["two words.png", "dog"], ["3", "a  b c"], ["#4", "ä"]]);
  assertEquals(parseLabelList(formatLabelList(list)), list);
  assertEquals(formatLabelList([]), "");
  assertThrows(() => formatLabelList([["", "cat"]]), RangeError, "Cannot write");
  assertThrows(() => formatLabelList([["1.png", ""]]), RangeError, "Cannot write");
  // Whatever a file may be called comes back.
  const strange = [
    " a",
    "a\tb",
    "a\nb",
    "a\r\nb.png",
    '"',
    '"quoted"',
    '"half',
    "\\n",
    "ü \u2028",
    "a\n b\t",
  ];
  for (const one of strange) {
    for (const other of [...strange, "plain", "two words"]) {
      const pairs = [[one, other], [other, one]].filter(([name], i, all) => i === 0 || name !== all[0]![0]);
      const written = formatLabelList(pairs as [string, string][]);
      assertEquals([...parseLabelList(written)], pairs);
      assertEquals(written.trimEnd().split("\n").length, pairs.length);
    }
  }
});

Deno.test("label list: example names and indices are each other's inverse", () => {
  for (const index of [0, 42, 99_999, 100_000, 1_234_567]) {
    assertEquals(exampleIndex(exampleName(index)), index);
  }
  assertEquals(exampleName(59_999), "train/59999");
  for (const name of ["train/42", "train/000042", "test/00042", "train/0004x", "00042", "train/00042.png"]) {
    assertEquals(exampleIndex(name), undefined);
  }
  assertThrows(() => exampleName(-1), RangeError);
  assertThrows(() => exampleName(0.5), RangeError);
});

Deno.test("label list: a split that is written and applied gives the labels it was written from", () => {
  const classes = ["cat", "Ankle boot", "T-shirt/top"];
  const labels = Int32Array.from({ length: 90 }, (_, i) => i % 3);
  const hidden = hideLabels(labels, balancedSplit(labels, 3, 4, 7));
  const text = formatLabelList(labelListOf(hidden, classes));
  assertEquals(applyLabelList(parseLabelList(text), { exampleCount: 90, classes }), hidden);
  assertThrows(() => labelListOf(Int32Array.of(3), classes), RangeError, "train/00000 is 3");
});

Deno.test("label list: listed files that do not exist and unknown classes are refused by name", () => {
  const apply = (text: string) => () =>
    applyLabelList(parseLabelList(text), { exampleCount: 3, classes: ["cat", "dog"], source: "labels.txt" });
  const many = Array.from({ length: 9 }, (_, i) => `${i}.png cat`).join("\n");
  assertThrows(
    apply(many),
    RangeError,
    "it lists files that do not exist: 0.png, 1.png, 2.png, 3.png, 4.png and 4 more",
  );
  assertThrows(apply("train/00003 cat"), RangeError, "train/00000 to train/00002");
  assertThrows(
    apply("train/00002 boot"),
    RangeError,
    "labels.txt: unknown classes boot. Known classes: cat, dog",
  );
});

Deno.test("label list: names of another kind are found by the caller's rule", () => {
  const names = ["b.png", "a.png"];
  const indexOf = (name: string) => names.includes(name) ? names.indexOf(name) : undefined;
  const list = parseLabelList("a.png dog");
  const labels = applyLabelList(list, { exampleCount: 2, classes: ["cat", "dog"], indexOf });
  assertEquals(labels, Int32Array.of(-1, 1));
  assertEquals(labelListOf(labels, ["cat", "dog"], (index) => names[index]!), list);
});
