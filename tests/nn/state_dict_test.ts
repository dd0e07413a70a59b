/** State dicts: values are read and written, and misfits are refused before anything is written. */
import { type Device, type Variable, variable } from "../../kernels/mod.ts";
import { type HostTensor, loadState, readState } from "../../nn/mod.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";

type Values = Map<string, HostTensor>;

/** Calls a function with variables of two types and three shapes, then releases them. */
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

gpuTest("loadState ignores PyTorch's num_batches_tracked, but no similar names", async (device) => {
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
/** Name of the fault, function that causes it, type of the error, and a part of its message. */
const refusals: readonly (readonly [string, (values: Values) => void, typeof Error, string])[] = [
  [
    "missing values",
    (values) => {
      values.delete("0.scale");
      values.delete("1.count");
    },
    RangeError,
    "Cannot load some.safetensors: it has no values for these variables of the network: 0.scale, 1.count",
  ],
  [
    "values of no variable",
    (values) => values.set("2.weight", { shape: [1], dtype: "float32", data: floats(1) }),
    RangeError,
    "Cannot load some.safetensors: the network has no variables for these values: 2.weight",
  ],
  [
    "names that objects have anyway",
    (values) => values.set("toString", { shape: [1], dtype: "float32", data: floats(1) }),
    RangeError,
    "no variables for these values: toString",
  ],
  [
    "other shapes with as many elements",
    (values) => values.set("0.weight", { shape: [3, 2], dtype: "float32", data: floats(9, 9, 9, 9, 9, 9) }),
    RangeError,
    "Cannot load some.safetensors: 0.weight must have the network's shape [2, 3], but it is [3, 2]",
  ],
  [
    "a shape that is wrong only in its number of axes",
    (values) => values.set("0.scale", { shape: [1], dtype: "float32", data: floats(9) }),
    RangeError,
    "0.scale must have the network's shape [], but it is [1]",
  ],
  [
    "other types",
    (values) => values.set("1.count", { shape: [2], dtype: "float32", data: floats(9, 9) }),
    TypeError,
    "Cannot load some.safetensors: 1.count must have the network's dtype int32, but it is float32",
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
      assert(unnamed.message.startsWith("Cannot load the state dict: "), unnamed.message);
    });
  });
}

gpuTest("loadState names five of many faults and counts the rest", (device) => {
  const variables = Object.fromEntries(
    Array.from({ length: 8 }, (_, i) => [`w${i}`, variable([], [0])]),
  );
  const error = assertThrows(() => loadState(device, variables, new Map()), RangeError);
  assert(error.message.endsWith("of the network: w0, w1, w2, w3, w4 and 3 more"), error.message);
  return Promise.resolve();
});
