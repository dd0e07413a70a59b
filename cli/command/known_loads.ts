/**
 * The cache of adapters' load times, which decide if kernels read operands from textures.
 * @module
 */
import type { KnownLoads, LoadTimes } from "../../kernels/mod.ts";
import { isObject } from "./json_values.ts";
import { CacheTable } from "../storage/cache_table.ts";

const table = new CacheTable(
  "adapters.json",
  (value: unknown): value is LoadTimes =>
    isObject(value) && Number.isFinite(value.buffer) && Number.isFinite(value.texture),
);

/** Load times in the cache folder. */
export const knownLoads: KnownLoads = {
  get: async (adapter) => (await table.read())[adapter],
  set: (adapter, times) => table.update(adapter, () => times),
};
