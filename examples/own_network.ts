// Trains a network of your own: a residual block, written as a module, in a chain of the library's layers.
// The summary lists its layers, also those inside the block, as the block has `children`.
// Run it with: deno run -A examples/own_network.ts
import {
  add,
  balancedSplit,
  BatchNorm2d,
  Classifier,
  Conv2d,
  Device,
  findDataset,
  type ForwardContext,
  GlobalAvgPool2d,
  hideLabels,
  Initializer,
  Linear,
  MaxPool2d,
  type Module,
  ReLU,
  relu,
  Sequential,
  summarizeNetwork,
  type Tensor,
  Trainer,
  variablesOf,
} from "../mod.ts";

/** A residual block: `relu(x + branch(x))`. */
class ResidualBlock implements Module {
  readonly children: { readonly branch: Sequential };
  readonly parameters: Module["parameters"];
  readonly buffers: Module["buffers"];

  constructor(channels: number, init: Initializer) {
    const branch = new Sequential([
      new Conv2d(channels, channels, 3, init, { padding: 1, bias: false }),
      new BatchNorm2d(channels, init),
    ]);
    this.children = { branch };
    const { parameters, buffers } = variablesOf(this.children);
    this.parameters = parameters;
    this.buffers = buffers;
  }

  forward(x: Tensor, context: ForwardContext): Tensor {
    return relu(add(x, this.children.branch.forward(x, context)));
  }
}

const network = (init: Initializer) =>
  new Classifier(
    new Sequential([
      new Conv2d(1, 16, 3, init, { padding: 1 }),
      new ReLU(),
      new MaxPool2d({ kernel: 2 }),
      new ResidualBlock(16, init),
      new GlobalAvgPool2d(),
    ]),
    [new Linear(16, 10, init)],
  );
console.log(summarizeNetwork(network(new Initializer(1)), [100, 1, 28, 28]));

const { train, test, classes } = await findDataset("mnist").load();
const labels = hideLabels(train.labels, balancedSplit(train.labels, classes.length, 10, 1));
const data = { train: { ...train, labels }, test, classes };

using device = await Device.request();
using trainer = await Trainer.create(device, data, { epochs: 2 }, { network });
for await (const record of trainer.run()) {
  if (record.kind === "evaluation") console.log(`epoch ${record.epoch}: error ${record.teacher.testError}`);
}
