import { readMat5 } from "../../data/mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { join, text, writer } from "./mat5_writer.ts";

/** A stream that gives the bytes in pieces of a few, so that everything is cut somewhere. */
async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.slice(start, start + size);
  await Promise.resolve();
}

/** All arrays: name, sizes, type and values. */
async function readAll(bytes: Uint8Array, size = 7): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const { name, shape, dtype, read } of readMat5(inPieces(bytes, size), "some.mat")) {
    const values: number[] = [];
    await read((piece, start) => {
      assertEquals(start, values.length);
      for (let i = 0; i < piece.length; i++) values.push(piece[i]!);
    });
    found.push([name, shape, dtype, values]);
  }
  return found;
}

/** The same three arrays: plain, compressed, and in a small element. */
function threeArrays(isLittle: boolean): Uint8Array {
  const { element, small, array, compressed, file, float64, int16 } = writer(isLittle);
  return file(
    array("plain", [2, 3], element(9, float64(1.5, -2, 3, 4e300, 5, 6))),
    compressed(array("packed", [1, 3], element(3, int16(-300, 0, 300)))),
    array("y", [2, 1], small(2, Uint8Array.of(10, 255))),
  );
}

const THREE = [
  ["plain", [2, 3], "float64", [1.5, -2, 3, 4e300, 5, 6]],
  ["packed", [1, 3], "int16", [-300, 0, 300]],
  ["y", [2, 1], "uint8", [10, 255]],
];

async function refuses(bytes: Uint8Array, message: string): Promise<void> {
  const error = await assertRejects(() => readAll(bytes), SyntaxError, message);
  assert(error.message.startsWith("Cannot read some.mat as a MAT-file: "), error.message);
  assert(!error.message.includes("\n"), error.message);
}

Deno.test("MAT-file: arrays are read plain, compressed and from small elements, in both byte orders", async () => {
  for (const isLittle of [true, false]) {
    for (const size of [1, 7, 10_000]) assertEquals(await readAll(threeArrays(isLittle), size), THREE);
  }
});

Deno.test("MAT-file: an array that is not read is skipped", async () => {
  const names: string[] = [];
  for await (const { name } of readMat5(inPieces(threeArrays(true), 9), "some.mat")) names.push(name);
  assertEquals(names, ["plain", "packed", "y"]);
});

Deno.test("MAT-file: texts, structures, complex numbers and other elements are skipped", async () => {
  const { element, array, file } = writer(true);
  const value = element(2, Uint8Array.of(1));
  const bytes = file(
    array("text", [1, 1], value, { flags: 4 }),
    array("structure", [1, 1], value, { flags: 2 }),
    array("complex", [1, 1], join(value, value), { flags: 0x0800 | 6 }),
    element(2, Uint8Array.of(1, 2, 3)),
    element(14, new Uint8Array()),
    array("x", [1, 1], value, { flags: 0x0200 | 9 }),
  );
  assertEquals(await readAll(bytes), [["x", [1, 1], "uint8", [1]]]);
});

Deno.test("MAT-file: every kind of number comes out as it was", async () => {
  const { element, array, file } = writer(true);
  const kinds: [type: number, dtype: string, values: ArrayBufferView<ArrayBuffer>, expected: number[]][] = [
    [1, "int8", Int8Array.of(-128, 127), [-128, 127]],
    [2, "uint8", Uint8Array.of(0, 255), [0, 255]],
    [3, "int16", Int16Array.of(-32768, 1), [-32768, 1]],
    [4, "uint16", Uint16Array.of(65535, 1), [65535, 1]],
    [5, "int32", Int32Array.of(-(2 ** 31), 1), [-(2 ** 31), 1]],
    [6, "uint32", Uint32Array.of(2 ** 32 - 1, 1), [2 ** 32 - 1, 1]],
    [7, "float32", Float32Array.of(0.1, -3), [Math.fround(0.1), -3]],
    [12, "int64", BigInt64Array.of(-5n, 2n ** 40n), [-5, 2 ** 40]],
    [13, "uint64", BigUint64Array.of(5n, 2n ** 53n), [5, 2 ** 53]],
  ];
  const arrays = kinds.map(([type, dtype, { buffer }]) =>
    array(dtype, [1, 2], element(type, new Uint8Array(buffer)))
  );
  assertEquals(
    await readAll(file(...arrays)),
    kinds.map(([, dtype, , values]) => [dtype, [1, 2], dtype, values]),
  );
});

Deno.test("MAT-file: an array beyond one piece is whole", async () => {
  const { element, array, file } = writer(true);
  const values = Uint8Array.from({ length: 600_000 }, (_, i) => (i * 7) % 253);
  const header = file(array("long", [600_000, 1], element(2, new Uint8Array()))).length;
  const bytes = file(array("long", [600_000, 1], element(2, values.subarray(0, 8))));
  const whole = new Uint8Array(header + 600_000);
  whole.set(bytes.subarray(0, header));
  whole.set(values, header);
  const view = new DataView(whole.buffer);
  view.setUint32(132, whole.length - 136, true);
  view.setUint32(header - 4, 600_000, true);
  assertEquals(await readAll(whole, 65_536), [["long", [600_000, 1], "uint8", [...values]]]);
});

Deno.test("MAT-file: other formats are refused by their name", async () => {
  const whole = threeArrays(true);
  await refuses(new Uint8Array(), "it ends 128 bytes too early");
  await refuses(text("<html>".padEnd(300)), "its header must end with IM or MI");
  await refuses(whole.with(124, 0).with(125, 2), "it is of version 7.3 (HDF5)");
  await refuses(whole.with(124, 3), "its version is 259");
});

Deno.test("MAT-file: one that contradicts itself is refused, saying where", async () => {
  const { element, small, array, compressed, file, uint32 } = writer(true);
  const bytes = element(2, Uint8Array.of(1, 2, 3, 4, 5, 6));
  await refuses(
    file(array("x", [2, 4], bytes)),
    "x of shape [2, 4] must take 8 bytes as uint8, but it takes 6",
  );
  await refuses(
    file(array("x", [2, 3], element(1000, new Uint8Array(8)))),
    "the elements of x must be numbers",
  );
  await refuses(file(compressed(bytes)), "a compressed element must contain an array");
  await refuses(file(array("x", [2], bytes)), "at least two sizes of int32");
  await refuses(file(array("x", [1, 1], join(uint32(9 * 65536 + 2), new Uint8Array(4)))), "at most 4 bytes");
  await refuses(
    file(element(14, small(6, Uint8Array.of(1, 2, 3)))),
    "flags must have 8 bytes, but there are 3",
  );
  const tooLong = file(array("x", [2, 3], bytes));
  new DataView(tooLong.buffer).setUint32(132, 56, true);
  await refuses(tooLong, "x of shape [2, 3] must take 6 bytes");
});

Deno.test("MAT-file: wherever it is cut, it is refused; or it ends behind an array", async () => {
  const whole = threeArrays(true);
  // Behind the header; the first array, 8 + 16 + 16 + 16 + 56 bytes; and before the last, 8 + 16 + 16 + 16 + 8 bytes.
  const ends = new Set([128, 128 + 112, whole.length - 64]);
  for (let length = 0; length < whole.length; length++) {
    if (ends.has(length)) await readAll(whole.subarray(0, length));
    else await refuses(whole.subarray(0, length), "");
  }
});

Deno.test("MAT-file: a changed byte in a compressed array is refused, or changes nothing", async () => {
  const { element, array, compressed, file } = writer(true);
  const values = Uint8Array.from({ length: 500 }, (_, i) => (i * i) % 251);
  const whole = file(compressed(array("x", [500, 1], element(2, values))));
  const expected = JSON.stringify(await readAll(whole));
  let refused = 0;
  for (let at = 136; at < whole.length; at++) {
    for (const bit of [1, 16, 128]) {
      let found: unknown[];
      try {
        found = await readAll(whole.with(at, whole[at]! ^ bit), 64);
      } catch (error) {
        assert(error instanceof SyntaxError && error.message.includes("some.mat"), String(error));
        refused++;
        continue;
      }
      assertEquals(JSON.stringify(found), expected, `byte ${at}, bit ${bit}`);
    }
  }
  assert(refused > 3 * (whole.length - 136) - 10, `only ${refused} were refused`);
});

Deno.test("MAT-file: values are read once", async () => {
  for await (const { read } of readMat5(inPieces(threeArrays(true), 100), "some.mat")) {
    await read(() => {});
    await assertRejects(() => read(() => {}), TypeError, "can be read only once");
    break;
  }
});
