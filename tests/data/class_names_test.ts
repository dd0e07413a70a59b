/** Names: their order, those that are read alike, and how they are shown. */
import { describeSimilarClasses, shownName, someOf, sortClasses } from "../../data/internal.ts";
import { assertEquals } from "../assert.ts";

Deno.test("class names: numbers come in the order of numbers, words in theirs, and each once", () => {
  assertEquals(sortClasses(["10", "2", "1", "12", "2"]), ["1", "2", "10", "12"]);
  assertEquals(sortClasses(["0.5", "-1", "10", "2"]), ["-1", "0.5", "2", "10"]);
  assertEquals(sortClasses(["010", "2", "001"]), ["001", "2", "010"]);
  assertEquals(sortClasses(["10", "2", "two"]), ["10", "2", "two"]);
  assertEquals(sortClasses(["b", "B", "a"]), ["B", "a", "b"]);
});

Deno.test("class names: names that differ only in case, spaces or Unicode form are reported, with their labels", () => {
  const said = (...classes: string[]) => describeSimilarClasses(classes, classes.map((_, i) => i));
  assertEquals(said("cat", "dog", "cats"), []);
  assertEquals(said("1", "11", "-1"), []);
  const about =
    "some class names differ only in case, spaces or Unicode form and may be meant as one class: ";
  assertEquals(said("Cat", "cat"), [`${about}"Cat" (0 labels) and "cat" (1 label)`]);
  for (
    const [one, other] of [
      ["cat", "cat "],
      ["guinea pig", "Guinea_Pig"],
      ["caf\u00e9", "cafe\u0301"],
      ["\uff43at", "cat"],
      ["cat\u200b", "cat"],
      ["STRASSE\u00a0", "strasse"],
      ["\u00c5ngstr\u00f6m", "\u212bngstr\u00f6m"],
    ] as const
  ) assertEquals(said(one, "x", other).length, 1, `${one} and ${other}`);
  assertEquals(said("a", "A", "b", "B", "c").length, 1);
});

Deno.test("names are shown in one line, with what nobody sees by its number", () => {
  const shown = {
    "a\nb": "a\\nb",
    "a\r\tb": "a\\r\\tb",
    "\u001b[31mred": "\\u001b[31mred",
    "\u0085\u009b": "\\u0085\\u009b",
    "photo\u202egpj.exe": "photo\\u202egpj.exe",
    "\u2066\u2069\u200f\ufeff": "\\u2066\\u2069\\u200f\\ufeff",
    "\u2028\u007f": "\\u2028\\u007f",
    "na\u00efve \u65e5\u672c \u{1f469}\u200d\u{1f680}": "na\u00efve \u65e5\u672c \u{1f469}\u200d\u{1f680}",
    '"\\n"': '"\\n"',
  };
  for (const [name, text] of Object.entries(shown)) {
    assertEquals(shownName(name), text);
    assertEquals(shownName(text), text, "what is shown stays as it is");
  }
  assertEquals(someOf(["a\nb", "c\u202e"]), "a\\nb, c\\u202e");
});
