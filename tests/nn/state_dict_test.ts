/** State dicts: values go out and come back, and what does not fit is refused before anything is written. */
import { type Device, type Variable, variable } from "../../kernels/mod.ts";
import { type HostTensor, loadState, readState } from "../../nn/mod.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";

type Values = Map<string, HostTensor>;

/** Variables of two types and three shapes, released after use. */
async function withVariables(
  device: Device,
  use: (variables: Record<string, Variable>) => Promise<void>,
): Promise<void> {
  const variables = {
    "0.weight": variable([2, 3], [1, 2, 3, 4, 5, 6]),
    "0.scale": variable([], [0.5]),
    "1.count": variable([2], [7, -8], { dtype: "int32" }),
  };
  try {
    await use(variables);
  } finally {
    Object.values(variables).forEach((each) => device.release(each));
  }
}

const fresh = (): Values =>
  new Map<string, HostTensor>([
    ["1.count", { shape: [2], dtype: "int32", data: Int32Array.of(-1, 2 ** 31 - 1) }],
    ["0.weight", { shape: [2, 3], dtype: "float32", data: Float32Array.of(-1, 0.1, 1e-30, 3e38, -0, 7) }],
    ["0.scale", { shape: [], dtype: "float32", data: Float32Array.of(2.5) }],
  ]);

gpuTest("readState gives values, shapes and types by name, in the variables' order", async (device) => {
  await withVariables(device, async (variables) => {
    const state = await readState(device, variables);
    assertEquals([...state], [
      ["0.weight", { shape: [2, 3], dtype: "float32", data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
      ["0.scale", { shape: [], dtype: "float32", data: Float32Array.of(0.5) }],
      ["1.count", { shape: [2], dtype: "int32", data: Int32Array.of(7, -8) }],
    ]);
  });
  assertEquals(await readState(device, {}), new Map());
});

gpuTest("loadState writes values by name, bit for bit, whatever their order", async (device) => {
  await withVariables(device, async (variables) => {
    loadState(device, variables, fresh());
    const state = await readState(device, variables);
    assertEquals(state, fresh());
    assert(Object.is(state.get("0.weight")!.data[4], -0));
  });
});

gpuTest("loadState passes over PyTorch's num_batches_tracked, and over nothing alike", async (device) => {
  const count: HostTensor = { shape: [], dtype: "int32", data: Int32Array.of(3) };
  await withVariables(device, async (variables) => {
    const values: Values = fresh().set("features.1.num_batches_tracked", count).set(
      "num_batches_tracked",
      count,
    );
    loadState(device, variables, values);
    assertEquals(await readState(device, variables), fresh());
    for (const name of ["1.num_batches", "num_batches_tracked.weight", "my_num_batches_tracked"]) {
      assertThrows(() => loadState(device, variables, fresh().set(name, count)), RangeError, name);
    }
  });
});

const floats = (...data: number[]) => Float32Array.from(data);
/** What spoils the values, the kind of error, and what it must say. */
const refusals: readonly (readonly [string, (values: Values) => void, typeof Error, string])[] = [
  [
    "missing values",
    (values) => {
      values.delete("0.scale");
      values.delete("1.count");
    },
    RangeError,
    "Cannot load some.safetensors as every variable must have a value: it has none for: 0.scale, 1.count",
  ],
  [
    "values of no variable",
    (values) => values.set("2.weight", { shape: [1], dtype: "float32", data: floats(1) }),
    RangeError,
    "Cannot load some.safetensors as every value must have a variable: it has a value for: 2.weight",
  ],
  [
    "names that objects have anyway",
    (values) => values.set("toString", { shape: [1], dtype: "float32", data: floats(1) }),
    RangeError,
    "it has a value for: toString",
  ],
  [
    "other shapes with as many elements",
    (values) => values.set("0.weight", { shape: [3, 2], dtype: "float32", data: floats(9, 9, 9, 9, 9, 9) }),
    RangeError,
    "Cannot load some.safetensors as shapes must be those of the network: 0.weight is [3, 2], not [2, 3]",
  ],
  [
    "a shape that is wrong only in its number of axes",
    (values) => values.set("0.scale", { shape: [1], dtype: "float32", data: floats(9) }),
    RangeError,
    "0.scale is [1], not []",
  ],
  [
    "other types",
    (values) => values.set("1.count", { shape: [2], dtype: "float32", data: floats(9, 9) }),
    TypeError,
    "Cannot load some.safetensors as types must be those of the network: 1.count is float32, not int32",
  ],
];

for (const [what, spoil, kind, message] of refusals) {
  gpuTest(`loadState refuses ${what} and writes nothing`, async (device) => {
    await withVariables(device, async (variables) => {
      const before = await readState(device, variables);
      const values = fresh();
      spoil(values);
      const load = () => loadState(device, variables, values, { source: "some.safetensors" });
      const error = assertThrows(load, kind, message);
      assertEquals(error.constructor, kind);
      assertEquals(await readState(device, variables), before);
      const unnamed = assertThrows(() => loadState(device, variables, values), kind);
      assert(unnamed.message.startsWith("Cannot load the state dict as "), unnamed.message);
    });
  });
}

gpuTest("loadState names five of many faults and counts the rest", (device) => {
  const variables = Object.fromEntries(
    Array.from({ length: 8 }, (_, i) => [`w${i}`, variable([], [0])]),
  );
  const error = assertThrows(() => loadState(device, variables, new Map()), RangeError);
  assert(error.message.endsWith("it has none for: w0, w1, w2, w3, w4 and 3 more"), error.message);
  return Promise.resolve();
});
