// deno-lint-ignore-file no-non-null-assertion -- the vectors have all the tensors that are read
/** Compares training steps of a method with the vectors that PyTorch made: see tests/vectors/README.md. */
import { compile, type Device, type Tensor, variable } from "../../kernels/mod.ts";
import {
  Classifier,
  Conv2d,
  GlobalAvgPool2d,
  Initializer,
  LeakyReLU,
  Linear,
  loadState,
  readSafetensors,
  readState,
  Sequential,
  Sgd,
  stateOf,
  trainingContext,
} from "../../nn/mod.ts";
import type { Algorithm, AlgorithmParts, Hyperparameters } from "../../semisup/mod.ts";
import { assertEquals } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";

/** Vectors of a method, and the way to its steps. */
export interface GoldenMethod {
  /** File without its ending. */
  readonly file: string;
  /** Variant in the file. */
  readonly variant: string;
  /** Number of examples, of 12, that the costs beside classification are means over. */
  readonly counted: 8 | 12;
  /** Names of the tensors of a step that are the views of student and target. */
  readonly views: readonly [student: string, target: string];
  /** Costs by our name: the name of their weight among the file's options. */
  readonly weights: Readonly<Record<string, string>>;
  /** Creates the algorithm. @param drawn Returns a tensor of the step that replaces a random draw. */
  create(parts: AlgorithmParts, drawn: (name: string) => Tensor): Algorithm;
}

const labelled = 4, batchSize = 12;

function networkOf(): Classifier {
  const initializer = new Initializer(1);
  return new Classifier(
    new Sequential([
      new Conv2d(2, 6, 3, initializer, { padding: 1 }),
      new LeakyReLU(0.1),
      new Conv2d(6, 8, 3, initializer, { stride: 2, padding: 1 }),
      new LeakyReLU(0.1),
      new GlobalAvgPool2d(),
    ]),
    [new Linear(8, 5, initializer)],
  );
}

/** Takes the three steps of the vectors, and compares costs and weights. */
export async function assertGolden(device: Device, golden: GoldenMethod): Promise<void> {
  const { file, variant, counted, views, weights, create } = golden;
  const path = new URL(`../vectors/${file}.safetensors`, import.meta.url);
  const { tensors, metadata } = readSafetensors(Deno.readFileSync(path), { source: file });
  const options = JSON.parse(metadata["options"]!), log = JSON.parse(metadata["log"]!)[variant];
  const networks = { student: networkOf(), teacher: networkOf() };
  const drawn = new Map<string, Tensor>();
  const { momentum } = options;
  const method = create(
    { ...networks, optimizer: (parameters) => new Sgd(parameters, { momentum, nesterov: true }) },
    (name) => drawn.get(name)!,
  );
  const init = new Map(
    [...tensors].flatMap(([name, tensor]) =>
      name.startsWith("init/") ? [[name.slice(5), tensor] as const] : []
    ),
  );
  for (const network of Object.values(networks)) loadState(device, stateOf(network), init, { source: file });
  // The vectors divide by the number of labelled examples, the program by N: a factor for the learning rate.
  const factor = batchSize / labelled;
  const weightOf = (cost: string) => options[weights[cost]!] * (batchSize / counted) / factor;
  const names = [...tensors.keys()].flatMap((name) => /^step0\/([a-z]+)$/.exec(name)?.[1] ?? []);
  const inputs = Object.fromEntries(names.map((name) => {
    const { shape, dtype } = tensors.get(`step0/${name}`)!;
    return [name, { shape, dtype: dtype === "int32" ? "int32" as const : "float32" as const }];
  }));
  const weightNames = Object.keys(weights).map((cost) => `${cost}Weight`);
  const scalars = ["learningRate", ...weightNames, "emaDecay", "beta1", "beta2"];
  const program = await compile(
    device,
    { ...inputs, ...Object.fromEntries(scalars.map((name) => [name, {}])) },
    (all) => {
      const given: Readonly<Record<string, Tensor>> = all;
      for (const name of names) drawn.set(name, given[name]!);
      const key = {
        seed: variable([], [1], { dtype: "uint32" }),
        step: variable([], [1], { dtype: "uint32" }),
      };
      const { costs, updates } = method.step({
        views: [given[views[0]]!, given[views[1]]!],
        labels: given["labels"]!,
        context: trainingContext(key),
        hyperparameters: Object.fromEntries(scalars.map((name) => [name, given[name]!])) as Hyperparameters<
          Tensor
        >,
      });
      return { outputs: { ...costs }, updates };
    },
  );
  const constants = {
    ...Object.fromEntries(Object.keys(weights).map((cost) => [`${cost}Weight`, weightOf(cost)])),
    emaDecay: options.ema_decay,
    beta1: 0,
    beta2: 0,
  };
  for (const [step, entry] of log.entries()) {
    const costs = await program.runAndRead({
      ...constants,
      learningRate: options.learning_rates[step] * factor,
      ...Object.fromEntries(names.map((name) => [name, tensors.get(`step${step}/${name}`)!.data])),
    });
    assertEquals(Object.keys(costs).sort(), ["classification", "cost", ...Object.keys(weights)].sort());
    for (const [name, [value]] of Object.entries(costs)) {
      const want = name === "cost"
        ? entry.total
        : entry[name] * (name in weights ? options[weights[name]!] : 1);
      assertClose([value! * factor], [want], { rtol: 1e-4, atol: 1e-6, what: `${name} of step ${step}` });
    }
  }
  program[Symbol.dispose]();
  for (const [group, network] of Object.entries(networks)) {
    for (const [name, { data }] of await readState(device, stateOf(network))) {
      const want = tensors.get(`${variant}/final_${group}/${name}`)!.data;
      assertClose(data, want, { rtol: 1e-3, atol: 1e-4, what: `${group} ${name}` });
    }
  }
  for (
    const each of [...Object.values(networks).map(stateOf), method.optimizer.state].flatMap(Object.values)
  ) {
    device.release(each);
  }
}
