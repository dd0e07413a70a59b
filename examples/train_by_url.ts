// Trains MNIST with 100 labels by Mean Teacher, and prints the teacher's test error after each epoch.
// There is nothing to install: in your own file, import the URL of mod.ts instead of its path.
// Run it with: deno run -A examples/train_by_url.ts
import { balancedSplit, Device, findDataset, hideLabels, Trainer } from "../mod.ts";

const { train, test, classes } = await findDataset("mnist").load();
const labels = hideLabels(train.labels, balancedSplit(train.labels, classes.length, 10, 1));

using device = await Device.request();
using trainer = await Trainer.create(device, { train: { ...train, labels }, test, classes }, { epochs: 2 });
for await (const record of trainer.run()) {
  if (record.kind === "evaluation") console.log(`epoch ${record.epoch}: error ${record.teacher.testError}`);
}
