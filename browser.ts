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
 * import { Device, type ImageSet, Trainer, writeCheckpoint } from "./browser.ts";
 *
 * // Images are bytes [N, C, H, W]; the label -1 marks an unlabelled image.
 * export async function trainOn(train: ImageSet, test: ImageSet, classes: readonly string[]) {
 *   using device = await Device.request();
 *   using trainer = await Trainer.create(device, { classes, train, test }, { epochs: 1, seed: 1 });
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
