/** CIFAR-100: 60 000 small photographs of 100 classes, by Krizhevsky, Nair and Hinton. */

import { CIFAR_IMAGE_SHAPE, type ImageSet, parseCifar100Binary } from "../../mod.ts";
import { type CifarForm, type FileReader, loadForms } from "./cifar_forms.ts";
import type { DatasetDefinition } from "./dataset_definition.ts";

const ARCHIVE_URL = "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz";

/** Binary form, as published. */
export const cifar100Form: CifarForm & { readonly url: string } = {
  names: ["train.bin", "test.bin"],
  archive: "cifar-100-binary.tar.gz",
  folder: "cifar-100-binary",
  url: ARCHIVE_URL,
  // The only checksum on the publishers' page.
  checksum: { algorithm: "md5", digest: "03b5dce01913d631647c71ecec9e9cb8" },
  remedy:
    `Delete it and download it from ${ARCHIVE_URL}. To use a custom archive, unpack it and set its folder.`,
  read: readFiles,
};

/** CIFAR-100: 50 000 training and 10 000 test photographs of 100 classes, 32×32, RGB. */
export const cifar100: DatasetDefinition = {
  name: "cifar100",
  title: "CIFAR-100",
  // Names and order of the archive's fine_label_names.txt.
  classes: (
    "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can " +
    "castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin " +
    "elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard " +
    "lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear " +
    "pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal " +
    "shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank " +
    "telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm"
  ).split(" "),
  imageShape: CIFAR_IMAGE_SHAPE,
  channelStatistics: {
    mean: [0.5071, 0.4865, 0.4409],
    standardDeviation: [0.2673, 0.2564, 0.2762],
    // Not recomputed by this project, as the files are in no package registry.
    source:
      "all pixels of the 50 000 training images, scaled to [0, 1]; the values commonly used with PyTorch",
  },
  horizontalFlip: true,
  howToGet: `Allow the download from ${ARCHIVE_URL} (169 MB), or set a data folder that contains ` +
    `${cifar100Form.archive} or its unpacked folder ${cifar100Form.folder}.`,
  load: (options) => loadForms(cifar100, [cifar100Form], options),
};

async function readFiles(files: FileReader): Promise<{ train: ImageSet; test: ImageSet }> {
  const read = async (name: string) => parseCifar100Binary(await files.bytes(name), files.source(name)).fine;
  return { train: await read("train.bin"), test: await read("test.bin") };
}
