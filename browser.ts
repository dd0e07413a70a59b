/**
 * Mean Teacher for browsers with WebGPU: all of `mod.ts` but what reads files. Make one script of it, and import that:
 *
 * ```sh
 * deno bundle --platform browser -o mean_teacher.js https://…/browser.ts
 * ```
 *
 * @example Train on images in memory
 * ```ts
 * import { computeChannelStatistics, Device, type ImageSet, Trainer, writeCheckpoint } from "./browser.ts";
 *
 * // Images: bytes [N, C, H, W]; of the labels, -1 is none.
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
