/**
 * Student and teacher of a run, equal at the start.
 * @module
 */
import { type Device, formatShape, input, sameShape, viewShape } from "../kernels/mod.ts";
import {
  type ClassifierNetwork,
  evaluationContext,
  findArchitecture,
  Initializer,
  type NetworkMaker,
  stateOf,
} from "../nn/mod.ts";
import type { TrainingOptions } from "./options/training_options.ts";
import type { TrainingData } from "./setup.ts";

/** Student and teacher, of the same design. */
export interface Networks {
  /** The network to train. */
  readonly student: ClassifierNetwork;
  /** The network of averaged weights. */
  readonly teacher: ClassifierNetwork;
}

/**
 * Creates student and teacher; the student's weights are drawn, the teacher's are zeros where the maker draws
 * them from its initialiser. {@linkcode startEqual} makes them equal.
 * @param isLoaded True if a checkpoint will set all values: then no weights are drawn.
 * @param maker Creates a custom network; if absent, the architecture is that of the options.
 * @throws {RangeError} if the options name no network, or the network does not fit the data.
 */
export function createNetworks(
  { train, classes }: Pick<TrainingData, "train" | "classes">,
  options: TrainingOptions,
  isLoaded: boolean,
  maker: NetworkMaker | undefined,
): Networks {
  const imageShape = viewShape({ ...options, imageShape: train.imageShape });
  const make = (seed: number | null): ClassifierNetwork => {
    if (maker) return maker(new Initializer(seed));
    const { architecture, dropout, inputNoise, logitDistanceCost } = options;
    if (architecture === null) {
      throw new RangeError(
        "Cannot create the network: it is custom and has no name. Pass its maker as { network }.",
      );
    }
    const headCount = logitDistanceCost < 0 ? 1 : 2;
    const design = { imageShape, classCount: classes.length, headCount, dropout, inputNoise, seed } as const;
    return findArchitecture(architecture).build(design);
  };
  // Drawing the weights of large networks takes seconds, so it happens once.
  const networks = { student: make(isLoaded ? null : options.seed), teacher: make(null) };
  checkSameDesign(networks);
  checkLogits(networks.student, imageShape, classes.length);
  return networks;
}

/** Writes the student's initial values to both networks. A maker may draw other values at each call. */
export function startEqual(device: Device, { student, teacher }: Networks): void {
  const own = stateOf(student);
  for (const [name, variable] of Object.entries(stateOf(teacher))) {
    const drawn = own[name];
    if (!drawn) continue;
    const { initial } = drawn;
    device.write(drawn, initial);
    device.write(variable, initial);
  }
}

/** Throws if student and teacher differ in their variables, or share them. */
function checkSameDesign({ student, teacher }: Networks): void {
  const [one, other] = [stateOf(student), stateOf(teacher)];
  for (const name of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const [first, second] = [one[name], other[name]];
    if (first && first === second) {
      throw new RangeError(
        `Cannot train: the maker must create new variables at each call, but student and teacher share ${name}`,
      );
    }
    if (first && second && sameShape(first.shape, second.shape) && first.dtype === second.dtype) continue;
    const [shape, otherShape] = [first, second].map((each) =>
      each ? `${each.dtype} ${formatShape(each.shape)}` : "missing"
    );
    throw new RangeError(
      `Cannot train: the maker must create the same design at each call, but ${name} is ${shape} in the first network and ${otherShape} in the second`,
    );
  }
}

/** Throws if a network does not give one logit per class. */
function checkLogits(network: ClassifierNetwork, imageShape: readonly number[], classCount: number): void {
  const images = input("images", [1, ...imageShape]);
  for (const { shape } of network.forward(images, evaluationContext()).filter((head) => head !== undefined)) {
    if (sameShape(shape, [1, classCount])) continue;
    throw new RangeError(
      `Cannot train: the network must give logits [N, ${classCount}] for ${classCount} classes, but gives [N${
        shape.slice(1).map((size) => `, ${size}`).join("")
      }]`,
    );
  }
}
