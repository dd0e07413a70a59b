/** Tables of labels: fields as people write them, limits, and names of files. */
import { join } from "node:path";
import { fileFinder, parseLabelTable, parseRecords } from "../../data/internal.ts";
import { examineFolder } from "../../data/files/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "../assert.ts";
import { picture } from "./as_people_have_them/case.ts";
import { withFiles } from "./fixtures.ts";

const fieldsOf = (text: string) =>
  parseRecords(text, "t.csv", "table").records.map(({ fields, line }) => [line, ...fields]);

Deno.test("label table: quotes, blanks around them, doubled ones, line breaks of any kind in them, and other quotes", () => {
  assertEquals(fieldsOf('a,b\r\n"x, y" , "z"\r\n\r\n"1\n2\r\n3","say ""x"""\r\n5\'3",6"\n"7"8,9'), [
    [1, "a", "b"],
    [2, "x, y", "z"],
    [4, "1\n2\r\n3", 'say "x"'],
    [7, "5'3\"", '6"'],
    [8, '"7"8', "9"],
  ]);
  assertEquals(fieldsOf("a,\rb,,\r"), [[1, "a", ""], [2, "b", "", ""]]);
  assertThrows(
    () => fieldsOf('a,b\n\n1,"2\n3'),
    SyntaxError,
    "t.csv as a table of labels: line 3",
  );
  assertThrows(() => fieldsOf('a,b\n\n1,"2\n3'), SyntaxError, "line 3 has an unclosed quote");
});

Deno.test("label table: what a message repeats of a file is short", () => {
  const long = "x".repeat(10_000);
  for (const text of [`${long},a,b\n1,2,3\n`, `a,b,split\n1,2,train\n3,4,${long}\n`]) {
    const { message } = assertThrows(() => parseLabelTable(text, "t.csv"), Error, "Cannot ");
    assert(message.length < 700, message);
  }
});

Deno.test("label list: a file or line that is too long, or never ends, is refused before it is parsed", async () => {
  await withFiles({ "0.png": picture(0), "1.png": picture(1) }, async (directory) => {
    const path = join(directory, "list.csv");
    const refused = async (list: string, rule: string) => {
      const look = () => examineFolder(directory, { labels: [list] });
      const { message } = await assertRejects(look, RangeError, rule);
      assertStringIncludes(message, list);
      assert(message.length < 400, message);
    };
    {
      using file = await Deno.open(path, { write: true, create: true });
      await file.truncate(2 ** 30);
    }
    await refused(path, "the line at byte 0 has more than 1048576 bytes");
    await Deno.writeTextFile(path, `file,label\n0.png,a\n${"1.png,b".padEnd(2 ** 20 + 2 ** 17)}\n`);
    await refused(path, "the line at byte 19 has more than");
    await Deno.writeTextFile(path, "0.png,a\n".repeat(2 ** 22 + 1));
    await refused(path, "it has more than 33554432 bytes");
  });
});

Deno.test("names of files: the longest end that only one file has counts, and the part before it is returned", () => {
  const find = fileFinder(["a/1.jpg", "b/1.jpg", "b/2.jpg", "Ä/3.jpg"], "/home/me/set");
  assertEquals(find("C:\\x\\b\\1.jpg"), {
    index: 1,
    folders: "C:/x",
    foldersMatch: false,
    despite: "nothing",
  });
  assertEquals(find("/home/me/set/b/2"), {
    index: 2,
    folders: "/home/me/set",
    foldersMatch: true,
    despite: "nothing",
  });
  assertEquals(find("set/a/1.jpg")?.foldersMatch, true);
  assertEquals([find("1.jpg")?.index, find("c/1.jpg")?.index, find("4.jpg")], [
    "several",
    "several",
    undefined,
  ]);
  assertEquals(find("A\u0308/3.jpg")?.despite, "Unicode form");
  assertEquals(find("ä/3.JPG")?.despite, "case");
  assertEquals(find("constructor"), undefined);
});
