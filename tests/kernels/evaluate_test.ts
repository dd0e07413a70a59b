/** Values of single tensors. */
import { add, compile, evaluate, type Tensor, transpose, variable } from "../../kernels/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { gpuTest } from "./device.ts";

gpuTest(
  "evaluate returns the values of variables and of computed tensors, in row-major order",
  async (device) => {
    const x = variable([2, 3], [1, 2, 3, 4, 5, 6]);
    assertEquals([...await evaluate(device, x)], [1, 2, 3, 4, 5, 6]);
    assertEquals([...await evaluate(device, transpose(x, [1, 0]))], [1, 4, 2, 5, 3, 6]);
    const indices = await evaluate(device, variable([2], [7, -1], { dtype: "int32" }));
    assert(indices instanceof Int32Array);
    assertEquals([...indices], [7, -1]);
    assertEquals([...await evaluate(device, variable([0], []))], []);
  },
);

gpuTest("evaluate refuses a tensor that depends on the input of a program", async (device) => {
  let doubled: Tensor = variable([], [0]);
  using _program = await compile(device, { amount: {} }, ({ amount }) => {
    doubled = add(amount, amount);
    return { outputs: { doubled } };
  });
  const error = await assertRejects(() => evaluate(device, doubled), TypeError);
  assertStringIncludes(error.message, "depends on amount");
});
