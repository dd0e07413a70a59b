/** Choice of the nodes that are stored, if a wrong choice gives wrong results. */
import { compile, expand, mul, reshape, sub, type Tensor, variable } from "../../kernels/mod.ts";
import { assertClose } from "./close.ts";
import { gpuTest } from "./device.ts";
import { evaluate } from "./reference.ts";

/** A pointwise expression long enough to be stored when many elements of a result share it. */
function longExpression(x: Tensor): Tensor {
  let y = x;
  for (let i = 0; i < 7; i++) y = sub(mul(y, x), 0.5);
  return y;
}

gpuTest("a long expression is right where it is reshaped, then broadcast", async (device) => {
  const rows = 20;
  const x = variable([rows], Array.from({ length: rows }, (_, i) => 1 - i / rows));
  const y = variable([rows, 5], Array.from({ length: 5 * rows }, (_, i) => i));
  const result = mul(y, expand(reshape(longExpression(x), [rows, 1]), y.shape));
  const program = await compile(device, {}, () => ({ outputs: { result } }));
  assertClose((await program.runAndRead({})).result, evaluate(result), { rtol: 1e-5, atol: 1e-5 });
  program[Symbol.dispose]();
  [x, y].forEach((each) => device.release(each));
});
