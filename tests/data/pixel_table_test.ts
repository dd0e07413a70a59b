/** Tables of pixels: the shapes in which well-known datasets are shared, in pieces of any size, and faults. */
import { findTableColumns } from "../../data/internal.ts";
import { type PixelTable, type PixelTableOptions, readPixelTable } from "../../data/mod.ts";
import { assertEquals, assertRejects } from "../assert.ts";

const encoder = new TextEncoder();
/** Value of a pixel, different for neighbours and images. */
const valueAt = (image: number, at: number) => (image * 101 + at * 37 + 5) % 256;
const pixels = (image: number, count: number) => Array.from({ length: count }, (_, at) => valueAt(image, at));
const named = (count: number, name: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => name(at));
const lines = (...rows: (string | number)[][]) => rows.map((row) => `${row.join()}\n`).join("");

/** Reads a text in pieces of so many bytes. */
async function read(text: string, options: PixelTableOptions & { piece?: number } = {}): Promise<PixelTable> {
  const bytes = encoder.encode(text), { piece = bytes.length } = options;
  const pieces = Array.from(
    { length: Math.ceil(bytes.length / piece) },
    (_, i) => bytes.slice(i * piece, (i + 1) * piece),
  );
  return await readPixelTable(pieces, "x.csv", options);
}

/** The parts of a table, for comparisons. */
function partsOf({ parts }: PixelTable) {
  return parts.map(({ set, images: { shape, values }, labels }) => ({
    set,
    shape: [...shape],
    values: [...values],
    labels: labels && [...labels],
  }));
}

const two = [...pixels(0, 784), ...pixels(1, 784)];
const grid = named(784, (at) => `${1 + Math.floor(at / 28)}x${1 + at % 28}`);
const numbered = named(784, (at) => `pixel${at}`);

/** Tables of two images of 28×28 with the labels 7 and 3. */
const labelled: Record<string, string> = {
  "Digit Recognizer": lines(["label", ...numbered], [7, ...pixels(0, 784)], [3, ...pixels(1, 784)]),
  "mnist-in-csv": lines(["label", ...grid], [7, ...pixels(0, 784)], [3, ...pixels(1, 784)]),
  "OpenML, label last": lines([...named(784, (at) => `pixel${at + 1}`), "class"], [...pixels(0, 784), 7], [
    ...pixels(1, 784),
    3,
  ]),
  "pandas, with an index, fractions and blanks": lines(
    ["", "label", ...named(784, (at) => `${at}`)],
    [0, "7.0", ...pixels(0, 784).map((value) => `${value}.0`)],
    [1, "3.0", ...pixels(1, 784).map((value) => ` ${value} `)],
  ),
  "quotes, semicolons and lines of Windows": lines(
    ["label", ...numbered],
    ["7", ...pixels(0, 784)].map((each) => `"${each}"`),
    ["3", ...pixels(1, 784)].map((each) => `"${each}"`),
  ).replaceAll(",", ";").replaceAll("\n", "\r\n\r\n"),
  "a byte order mark, Excel's line and empty lines": `\ufeffsep=,\n${
    lines(["label", ...numbered], [7, ...pixels(0, 784)])
  }\n${",".repeat(784)}\n${lines([3, ...pixels(1, 784)]).trimEnd()}`,
};

Deno.test("pixel tables: labelled images are read as people share them, in pieces of any size", async () => {
  for (const [name, text] of Object.entries(labelled)) {
    for (const piece of [text.length * 2, 1009, 3]) {
      const found = partsOf(await read(text, { piece, size: text.length }));
      assertEquals(found, [{ set: undefined, shape: [2, 28, 28], values: two, labels: ["7", "3"] }], name);
    }
  }
  assertEquals((await read(labelled["Digit Recognizer"] ?? "")).labelColumn, "label");
});

Deno.test("pixel tables: without names, the column that can be labels is found, first or last", async () => {
  const rows = [[0, 4], [0, 9], [0, 4]].map((
    [first = 0, last = 0],
    image,
  ) => [first, ...pixels(image, 63), last]);
  const last = await read(lines(...rows));
  assertEquals(partsOf(last)[0]?.labels, ["4", "9", "4"]);
  assertEquals(partsOf(last)[0]?.values, rows.flatMap((row) => row.slice(0, -1)));
  assertEquals([last.labelColumn, last.notes], ["column 65", ["the last column is read as labels"]]);
  const turned = rows.map((row) => row.toReversed()), first = partsOf(await read(lines(...turned)));
  assertEquals([first[0]?.labels, first[0]?.values], [
    ["4", "9", "4"],
    turned.flatMap((row) => row.slice(1)),
  ]);
  // The names of the handwritten letters: pandas took a line of pixels for them.
  const counts = new Map<number, number>();
  const repeated = [0, ...pixels(0, 63), 0].map((value) => {
    const count = counts.get(value) ?? 0;
    counts.set(value, count + 1);
    return count === 0 ? `${value}` : `${value}.${count}`;
  });
  const letters = await read(lines(repeated, ...turned));
  assertEquals(partsOf(letters)[0]?.labels, ["4", "9", "4"]);
  assertEquals(
    letters.notes[0],
    "the first line is skipped: pandas made names of columns from a line of pixels",
  );
  const texts = await read(lines(["a", ...pixels(0, 64)], ["b", ...pixels(1, 64)]));
  assertEquals(partsOf(texts)[0]?.labels, ["a", "b"]);
  assertEquals(partsOf(await read(lines(pixels(0, 64), pixels(1, 64)))), [
    { set: undefined, shape: [2, 8, 8], values: [...pixels(0, 64), ...pixels(1, 64)], labels: null },
  ]);
  for (const labels of [[1, 2], [1, 1]]) {
    const text = lines(...labels.map((label) => [label, ...pixels(0, 63), label]));
    await assertRejects(() => read(text), SyntaxError, "its first or its last column must be labels");
  }
});

Deno.test("pixel tables: a column of lists of pixels, and a column of sets", async () => {
  const row = (image: number, label: string, set: string) =>
    `${label},${pixels(image, 64).join(" ")} ,${set}\n`;
  const text = `emotion, pixels, Usage\n${row(0, "0", "Training")}${row(1, "2", "PublicTest")}${
    row(2, "1", "PrivateTest")
  }${row(3, "3", "Training")}${row(4, "", "unlabeled")}${row(5, "1", "")}`;
  for (const shared of [text, text.replaceAll(/,([\d ]+),/g, ',"$1",')]) {
    assertEquals(
      partsOf(await read(shared, { piece: 100 })).map((
        { set, values, labels },
      ) => [set, values.length, labels]),
      [["train", 192, ["0", "3", "1"]], ["val", 64, ["2"]], ["test", 64, ["1"]], ["unlabeled", 64, [""]]],
    );
  }
  assertEquals(partsOf(await read(`pixels\n${pixels(0, 64).join(" ")}\n`)), [
    { set: undefined, shape: [1, 8, 8], values: pixels(0, 64), labels: null },
  ]);
  const strange = `${text}1,${pixels(0, 64).join(" ")},seven\n`;
  await assertRejects(() => read(strange), SyntaxError, 'but line 8 has "seven"');
});

Deno.test("pixel tables: colour, sizes by names, fractions, and columns that are not pixels", async () => {
  const colour = lines([...named(192, (at) => `pixel${`${at}`.padStart(4, "0")}`), "label"], [
    ...pixels(0, 192),
    2,
  ]);
  assertEquals(partsOf(await read(colour))[0]?.shape, [1, 8, 8, 3]);
  assertEquals((await read(colour, { channels: "first" })).parts[0]?.images.shape, [1, 3, 8, 8]);
  const wide = named(96, (at) => `p_${Math.floor(at / 12)}_${at % 12}`);
  assertEquals(partsOf(await read(lines(["label", ...wide], [1, ...pixels(0, 96)])))[0]?.shape, [1, 8, 12]);
  const fractions = pixels(0, 64).map((value) => value / 256);
  const found = await read(
    lines(["label", ...named(64, (at) => `x${at}`)], [1, ...fractions.map(() => 1)], [0, ...fractions], [
      0,
      ...fractions.map((value) => value.toExponential()),
    ]),
  );
  assertEquals(partsOf(found)[0]?.values, [...fractions.map(() => 1), ...fractions, ...fractions]);
  const more = lines(["id", "label", "width", ...named(64, (at) => `x${at}`)], [9, 1, 8, ...pixels(0, 64)]);
  assertEquals([partsOf(await read(more))[0]?.labels, (await read(more)).notes], [["1"], [
    "column width is ignored",
  ]]);
  assertEquals(partsOf(await read(lines(["id", ...numbered], [1, ...pixels(0, 784)])))[0]?.labels, null);
});

Deno.test("pixel tables: other tables are none", async () => {
  for (
    const text of [
      "",
      "\n\n",
      "file,label\n1.jpg,cat\n",
      "ImageId,Label\n1,0\n2,0\n",
      lines(["file", ...named(100, (at) => `class_${at}`)], ["1.jpg", ...named(100, () => "0")]),
      lines(named(30, (at) => `V${at}`), pixels(0, 30)),
      lines(pixels(0, 70), pixels(1, 70)),
      // A pattern with two ways through digits would take minutes.
      lines(["7".repeat(1e5) + "x", "7".repeat(1e5) + "x", ...pixels(0, 64)]),
    ]
  ) {
    const found = await findTableColumns(new Blob([text]).stream(), "x.csv");
    assertEquals(found === undefined, true, text.slice(0, 50));
  }
});

Deno.test("pixel tables: faults are refused with the file and the line", async () => {
  const head = ["label", ...named(64, (at) => `pixel${at}`)], good = [1, ...pixels(0, 64)];
  const faulty = (change: (row: (string | number)[]) => unknown) => {
    const row: (string | number)[] = [...good];
    change(row);
    return lines(head, good, row);
  };
  const cases: [string, string][] = [
    [faulty((row) => row.pop()), "each line must have 65 fields, but line 3 has 64"],
    [faulty((row) => row.push(0)), "each line must have 65 fields, but line 3 has 66"],
    [faulty((row) => row.splice(1)), "each line must have 65 fields, but line 3 has 1"],
    [faulty((row) => row[3] = "x"), 'pixels must be numbers, but line 3 has "x" in column pixel2'],
    [faulty((row) => row[3] = ""), "pixels must be numbers, but line 3 has nothing in column pixel2"],
    [faulty((row) => row[64] = ""), "pixels must be numbers, but line 3 has nothing in column pixel63"],
    [faulty((row) => row[3] = 256), "from 0 to 1 or from 0 to 255, but line 3 has 256 in column pixel2"],
    [faulty((row) => row[3] = -1), "from 0 to 1 or from 0 to 255, but line 3 has -1 in column pixel2"],
    [faulty((row) => row[3] = "nan"), 'pixels must be numbers, but line 3 has "nan" in column pixel2'],
    [faulty((row) => row[0] = '"1'), "quotes must be closed, but line 3 has one that is not"],
    [`pixels\n${pixels(0, 64).join(" ")}\n1 2 3\n`, "each image must have 64 numbers, but line 3 has 3"],
    [`pixels\n${pixels(0, 64).join(" ")}\n${pixels(0, 65).join(" ")}\n`, "64 numbers, but line 3 has 65"],
    [lines(head), "it must have a line for each image, but it has none"],
    ["file,label\n1.jpg,cat\n", "but its first lines have neither"],
    [
      lines(["label", ...named(70, (at) => `pixel${at}`)], [1, ...pixels(0, 70)]),
      "70 columns are named pixel0 to pixel69",
    ],
    [
      lines(["label", ...named(64, (at) => `pixel${at}`).sort()], good),
      "columns of pixels must be in their order, but pixel10 follows pixel1",
    ],
    [lines(["a", "b", ...head.slice(1)], [1, ...good]), "must be named label, unless it is the only one"],
    [
      lines(["label", ...named(128, (at) => `${"rg"[Math.floor(at / 64)]}${at % 64}`)], [
        1,
        ...pixels(0, 128),
      ]),
      "must count up in one sequence, but there are also g0, g1",
    ],
    [`label,${"x".repeat(2 ** 22)}`, "a line has at most 4194304 bytes, but the one at byte 0 has more"],
  ];
  for (const [text, message] of cases) {
    const error = await assertRejects(() => read(text), Error, message);
    assertEquals([
      error.message.startsWith("Cannot read x.csv as a table of pixels: "),
      /\n/.test(error.message),
    ], [
      true,
      false,
    ], error.message);
    assertEquals(/^(Syntax|Range)Error$/.test(error.name), true);
  }
});
