/**
 * Table of all ops. A new op needs one file and one line here.
 * @module
 */
import type { Op } from "../op.ts";
import { acrossOps } from "./across.ts";
import { augmentOps } from "./augment/augment.ts";
import { colorOps } from "./augment/augment_color.ts";
import { cropOps } from "./augment/augment_crop.ts";
import { resampleOps } from "./augment/augment_resample.ts";
import { cutoutOps } from "./augment/cutout.ts";
import { randAugmentOps } from "./augment/rand_augment.ts";
import { batchNormOps } from "./batch_norm.ts";
import { convOps } from "./conv/conv.ts";
import { gatherOps } from "./gather/gather.ts";
import { matmulOps } from "./matmul/matmul.ts";
import { expansionOps } from "./views/expansion.ts";
import { movementOps } from "./views/movement.ts";
import { pointwiseOps } from "./pointwise.ts";
import { poolOps } from "./pool/pool.ts";
import { randomOps } from "./random/random.ts";
import { reduceOps } from "./reduce.ts";
import { shakeShakeOps } from "./shake_shake.ts";
import { slicingOps } from "./views/slicing.ts";
import { softmaxOps } from "./softmax.ts";
import { blockedOps } from "./texels.ts";

/** All ops, for the contract test. */
export const allOps: readonly Op[] = [
  ...movementOps,
  ...expansionOps,
  ...slicingOps,
  ...blockedOps,
  ...pointwiseOps,
  ...reduceOps,
  ...matmulOps,
  ...convOps,
  ...batchNormOps,
  ...acrossOps,
  ...shakeShakeOps,
  ...softmaxOps,
  ...gatherOps,
  ...poolOps,
  ...randomOps,
  ...augmentOps,
  ...cropOps,
  ...resampleOps,
  ...colorOps,
  ...cutoutOps,
  ...randAugmentOps,
];
