/** Selection of held-out labels, which stay held out. */
import { contentPlaces } from "../../data/files/mod.ts";
import { drawHeldOut } from "../../data/mod.ts";
import { Pcg32 } from "../../data/pcg32.ts";
import { assert, assertEquals, assertLess, assertThrows } from "../assert.ts";
import { withFiles } from "./fixtures.ts";

const labelsOf = (...counts: number[]) =>
  Int32Array.from([...counts.flatMap((count, label) => new Array<number>(count).fill(label)), -1, -1]);
/** Every fifth example is in the first fifth. */
const everyFifth = (index: number) => (index % 5 + 0.5) / 5;

Deno.test("hold out: labels in the first fifth of places are, where there are enough in all and of their class", () => {
  const drawn = drawHeldOut(labelsOf(60, 33, 10), 3, everyFifth);
  assertEquals([...drawn], Array.from({ length: 21 }, (_, i) => 5 * i));
  // A class of too few labels keeps them, and the others have theirs held out as before.
  const withRare = drawHeldOut(labelsOf(60, 35, 10, 4), 4, everyFifth);
  assertEquals([...withRare], [...drawn]);
  assertEquals(drawHeldOut(labelsOf(50, 49), 2, everyFifth).length, 0);
  assertEquals(drawHeldOut(labelsOf(50, 50), 2, everyFifth).length, 20);
  // A class without any other label cannot be learnt.
  assertEquals([...drawHeldOut(labelsOf(100, 5), 2, (index) => index < 100 ? 1 : 0.1)], []);
  assertEquals(drawHeldOut(Int32Array.of(-1, -1), 2, everyFifth).length, 0);
  assertThrows(() => drawHeldOut(Int32Array.of(2), 2, everyFifth), RangeError, "labels must be 0 to 1");
});

Deno.test("hold out: whatever labels are added, none that is held out is trained with, and none of a tested class is held out late", () => {
  let growths = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const random = new Pcg32(seed, 1);
    const count = 300, classCount = 2 + random.below(6);
    const all = Int32Array.from({ length: count }, () => random.below(classCount));
    const places = Float64Array.from({ length: count }, () => random.below(1000) / 1000);
    const labels = new Int32Array(count).fill(-1);
    let before = new Set<number>(), trained = new Set<number>(), tested = new Set<number>();
    for (let size = 0; size < count;) {
      // Labels come by ones or by dozens, at times of one class alone.
      const only = random.below(3) === 0 ? random.below(classCount) : null;
      for (let more = 1 + random.below(60); more > 0; more--) {
        const index = random.below(count);
        if (only === null || all[index] === only) labels[index] = all[index]!;
      }
      const held = new Set(drawHeldOut(labels, classCount, (index) => places[index]!));
      for (const index of before) assert(held.has(index), `seed ${seed}: ${index} is no longer held out`);
      for (const index of held) {
        const isLate = trained.has(index) && tested.has(all[index]!);
        assert(!isLate, `seed ${seed}: ${index} was trained with, and is held out`);
      }
      growths += before.size > 0 && held.size > before.size ? 1 : 0;
      before = held;
      trained = new Set([...labels.keys()].filter((index) => labels[index] !== -1 && !held.has(index)));
      tested = new Set([...held].map((index) => all[index]!));
      size = labels.filter((label) => label !== -1).length;
    }
  }
  assert(growths > 200, `only ${growths} sets grew`);
});

Deno.test("hold out: places follow from content and seed, not from names, order, or other pictures", async () => {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 500; i++) files[`${i % 7}/${i}.png`] = Uint8Array.of(i, i >> 8, 1);
  files["copy.png"] = files["3/3.png"]!;
  await withFiles(files, async (directory) => {
    const names = Object.keys(files);
    const placesOf = async (chosen: readonly string[], seed = 1) => {
      const labels = new Int32Array(chosen.length).fill(0);
      const places = await contentPlaces({ names: chosen, labels }, { directory, seed });
      return new Map(chosen.map((name, i) => [name, places[i]!]));
    };
    const places = await placesOf(names);
    assertEquals(places.get("copy.png"), places.get("3/3.png"));
    const some = await placesOf(names.toReversed().slice(0, 90));
    for (const [name, place] of some) assertEquals(place, places.get(name));
    const values = [...places.values()];
    for (const share of [0.2, 0.5, 0.8]) {
      assertLess(Math.abs(values.filter((place) => place < share).length / values.length - share), 0.06);
    }
    const other = await placesOf(names, 2);
    assert(names.filter((name) => places.get(name)! < 0.2 && other.get(name)! < 0.2).length < 40);
    // Golden, computed in Python: every version must hold out the same.
    assertEquals([...(await placesOf(["0/0.png"])).values()], [0.4150306477677077]);

    // What is not there, and what has no label, is never held out.
    const labels = Int32Array.of(0, -1);
    assertEquals(
      [...await contentPlaces({ names: ["gone.png", "0/0.png"], labels }, { directory, seed: 1 })],
      [1, 1],
    );
  });
});

Deno.test("hold out: the place of an array's image follows from its pixels", async () => {
  const images = Uint8Array.of(1, 2, 3, 4, 1, 2), labels = Int32Array.of(0, 1, 0);
  const [first, second, third] = await contentPlaces({ images, labels, imageShape: [1, 1, 2] }, {
    directory: "",
    seed: 1,
  });
  assertEquals(first, third);
  assert(first !== second);
});
