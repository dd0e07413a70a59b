/**
 * Mean Teacher for Deno and browsers: semi-supervised learning (Tarvainen & Valpola 2017) on WebGPU. A few
 * labelled and many unlabelled pictures give a far better classifier than the labelled pictures alone.
 *
 * @example Train on MNIST with 100 labels
 * ```ts
 * import { balancedSplit, Device, findDataset, hideLabels, Trainer } from "./mod.ts";
 *
 * export async function trainOnDigits() {
 *   const digits = await findDataset("mnist").load();
 *   const labeled = balancedSplit(digits.train.labels, 10, 10, 1);
 *   const train = { ...digits.train, labels: hideLabels(digits.train.labels, labeled) };
 *   using device = await Device.request();
 *   using trainer = await Trainer.create(device, { ...digits, train }, { epochs: 1, seed: 1 });
 *   for await (const record of trainer.run()) {
 *     if (record.kind === "evaluation") console.log(record.step, record.teacher.testError);
 *   }
 * }
 * ```
 *
 * Each part can also be imported separately: `./kernels/mod.ts` (lazy tensors on the GPU), `./nn/mod.ts`
 * (networks), `./semisup/mod.ts` (the method), `./data/mod.ts` (images and labels in memory),
 * `./data/files/mod.ts` (images and labels in files).
 *
 * @module
 */
export * from "./browser.ts";
export * from "./data/files/mod.ts";
