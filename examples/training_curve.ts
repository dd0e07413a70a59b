// Prints the training curve as text: a bar for the test errors of student and teacher at each evaluation.
// The records of a run hold costs, evaluations and self-check; this program reads the evaluations only.
// Run it with: deno run -A examples/training_curve.ts
import { balancedSplit, Device, findDataset, hideLabels, Trainer } from "../mod.ts";

const width = 60;

/** Returns a bar as long as an error, with the error in per cent. */
function drawBar(error: number): string {
  return `${"█".repeat(Math.round(error * width)).padEnd(width, "·")} ${(100 * error).toFixed(1)} %`;
}

const { train, test, classes } = await findDataset("mnist").load();
const labels = hideLabels(train.labels, balancedSplit(train.labels, classes.length, 10, 1));
const data = { train: { ...train, labels }, test, classes };

using device = await Device.request();
using trainer = await Trainer.create(device, data, { epochs: 4, evaluationEpochs: 0.5 });
for await (const record of trainer.run()) {
  if (record.kind !== "evaluation") continue;
  console.log(`step ${record.step}`);
  console.log(`  student ${drawBar(record.student.testError)}`);
  console.log(`  teacher ${drawBar(record.teacher.testError)}`);
}
