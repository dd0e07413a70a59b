// Trains Mean Teacher with a consistency cost of your own: 1 − cosine of student's and teacher's predictions.
// A cost is a function of logits, written in ops; gradients and the compiled step follow from the ops.
// Run it with: deno run -A examples/own_consistency_cost.ts
import {
  balancedSplit,
  type ConsistencyCost,
  Device,
  div,
  findDataset,
  hideLabels,
  mean,
  mul,
  softmax,
  sqrt,
  stopGradient,
  sub,
  sum,
  Trainer,
} from "../mod.ts";

/** Returns the mean over the batch of 1 − cos(p, q), where p and q are the predicted probabilities. */
const cosineCost: ConsistencyCost = (studentLogits, teacherLogits) => {
  const [p, q] = [softmax(studentLogits), stopGradient(softmax(teacherLogits))];
  const cosine = div(sum(mul(p, q), [1]), sqrt(mul(sum(mul(p, p), [1]), sum(mul(q, q), [1]))));
  return mean(sub(1, cosine));
};

const { train, test, classes } = await findDataset("mnist").load();
const labels = hideLabels(train.labels, balancedSplit(train.labels, classes.length, 10, 1));
const data = { train: { ...train, labels }, test, classes };

using device = await Device.request();
using trainer = await Trainer.create(device, data, { epochs: 2 }, { consistencyCost: cosineCost });
for await (const record of trainer.run()) {
  if (record.kind === "evaluation") console.log(`epoch ${record.epoch}: error ${record.teacher.testError}`);
}
