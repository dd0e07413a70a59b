/**
 * Allocation of the memory of a Program, and its failure.
 * @module
 */
import type { Device } from "../device.ts";
import { GpuMemoryError } from "../errors.ts";
import { formatShape } from "../tensor.ts";
import type { MemoryPlan } from "./memory_plan.ts";
import type { Storage } from "./storage.ts";

/** Number of tensors that an error names. */
const namedTensors = 3;

/**
 * Allocates the memory of a Program.
 * @throws {GpuMemoryError} if memory runs out, naming the largest tensors.
 */
export async function allocate(device: Device, plan: MemoryPlan, create: () => Storage): Promise<Storage> {
  device.gpu.pushErrorScope("out-of-memory");
  device.gpu.pushErrorScope("validation");
  const storage = create();
  const scopes = [device.gpu.popErrorScope(), device.gpu.popErrorScope()];
  const errors = await device.settle(Promise.all(scopes));
  const error = errors.find((e) => e !== null);
  if (!error) return storage;
  storage[Symbol.dispose]();
  throw new GpuMemoryError(
    `Cannot allocate ${
      sizeText(storage.bytes)
    } on ${device.name}: ${error.message}. The largest tensors are ${
      describeLargest(plan)
    }. Use smaller batches.`,
  );
}

/** Describes the largest tensors of a plan, such as "4 of conv2d [100, 128, 32, 32], 50 MiB each". */
function describeLargest({ slots, slotOf }: MemoryPlan): string {
  const bytes = new Map<string, number>(), counts = new Map<string, number>();
  // Of several tensors that share memory, the one it was created for comes first.
  const first = new Map([...slotOf].reverse().map(([node, slot]) => [slot, node]));
  for (const slot of slots) {
    const node = first.get(slot);
    if (!node) continue;
    const name = `${node.op.name} ${formatShape(node.shape)}`;
    bytes.set(name, slot.bytes);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const largest = [...bytes].sort(([, a], [, b]) => b - a).slice(0, namedTensors);
  return largest.map(([name, size]) => {
    const count = counts.get(name) ?? 1;
    return count === 1 ? `${name} (${sizeText(size)})` : `${count} of ${name} (${sizeText(size)} each)`;
  }).join(", ");
}

function sizeText(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
