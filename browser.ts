/**
 * Mean Teacher for browsers with WebGPU: everything in `mod.ts` except reading files. Bundle it into one
 * script and import the script:
 *
 * ```sh
 * deno bundle --platform browser -o mean_teacher.js https://…/browser.ts
 * ```
 *
 * @example Train on images in memory
 * ```ts
 * import { computeChannelStatistics, Device, type ImageSet, Trainer, writeCheckpoint } from "./browser.ts";
 *
 * // Images are bytes [N, C, H, W]; the label -1 marks an unlabelled image.
 * export async function trainOn(train: ImageSet, test: ImageSet, classes: readonly string[]) {
 *   using device = await Device.request();
 *   const channelStatistics = { ...computeChannelStatistics(train), source: "the training images" };
 *   const data = { name: "mine", classes, train, test, channelStatistics };
 *   using trainer = await Trainer.create(device, data, { epochs: 1, seed: 1 });
 *   for await (const record of trainer.run()) {
 *     if (record.kind === "evaluation") console.log(record.step, record.teacher.testError);
 *   }
 *   return writeCheckpoint(await trainer.checkpoint());
 * }
 * ```
 *
 * @module
 */
export * from "./kernels/mod.ts";
export * from "./nn/mod.ts";
export * from "./semisup/mod.ts";
export * from "./data/mod.ts";
