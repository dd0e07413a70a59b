import { cacheRoot } from "../../data/files/cache.ts";
import { cacheDirectory, datasets, findDataset } from "../../data/files/mod.ts";
import { computeChannelStatistics } from "../../data/mod.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { withEnvironment } from "./fixtures.ts";

Deno.test("datasets: each is found by its name and says all about itself", () => {
  assertEquals(datasets.map(({ name }) => name), [
    "mnist",
    "fashion-mnist",
    "cifar10",
    "cifar100",
    "svhn",
    "svhn-extra",
    "folder",
  ]);
  for (const definition of datasets) {
    assertEquals(findDataset(definition.name), definition);
    const classCount = { cifar100: 100, folder: 0 }[definition.name] ?? 10;
    assertEquals(definition.classes.length, classCount);
    assertEquals(new Set(definition.classes).size, classCount);
    const { mean, standardDeviation, source } = definition.channelStatistics;
    assertEquals([mean.length, standardDeviation.length], [
      definition.imageShape[0],
      definition.imageShape[0],
    ]);
    assert(source.length > 0 && definition.howToGet.length > 0 && !definition.howToGet.includes("\n"));
  }
});

Deno.test("datasets: an unknown name is refused, naming the known ones", () => {
  assertThrows(
    () => findDataset("minst"),
    RangeError,
    'Unknown dataset "minst"; known datasets: mnist, fashion-mnist, cifar10, cifar100, svhn, svhn-extra, folder',
  );
});

Deno.test("channel statistics: each channel has its own mean and standard deviation", () => {
  const images = new Uint8Array([0, 255, 51, 51, 255, 0, 51, 153]);
  const labels = Int32Array.of(0, 0);
  const { mean, standardDeviation } = computeChannelStatistics({ images, labels, imageShape: [2, 1, 2] });
  assertEquals(mean.map((value) => value.toFixed(6)), ["0.500000", "0.300000"]);
  assertEquals(standardDeviation.map((value) => value.toFixed(6)), ["0.500000", "0.173205"]);
});

Deno.test("cache folder: it is where each platform wants it", () => {
  const root = (platform: typeof Deno.build.os, environment: Record<string, string>) =>
    cacheRoot(platform, (name) => environment[name], () => "/home/me").replaceAll("\\", "/");
  assertEquals(root("linux", {}), "/home/me/.cache");
  assertEquals(root("linux", { XDG_CACHE_HOME: "/tmp/cache" }), "/tmp/cache");
  assertEquals(root("linux", { XDG_CACHE_HOME: "relative" }), "/home/me/.cache");
  assertEquals(root("darwin", { XDG_CACHE_HOME: "/tmp/cache" }), "/home/me/Library/Caches");
  assertEquals(root("windows", { LOCALAPPDATA: "C:/Local" }), "C:/Local");
  assertEquals(root("windows", {}), "/home/me/AppData/Local");
});

Deno.test({
  name: "cache folder: it follows the environment",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withEnvironment("XDG_CACHE_HOME", "/tmp/cache", () => {
      assertEquals(cacheDirectory(), "/tmp/cache/mean-teacher");
      return Promise.resolve();
    }),
});
