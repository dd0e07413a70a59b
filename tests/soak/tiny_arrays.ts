/** Colour images for runs of a few steps. */
import { Pcg32 } from "../../data/pcg32.ts";
import { npyFile, npzFile } from "../data/npy_writer.ts";

/** Returns an archive of 24 small noisy images of three classes, half of them labelled, and 6 to test on. */
export function tinyArrays(side: number): Uint8Array<ArrayBuffer> {
  const random = new Pcg32(1, 2);
  const set = (name: string, count: number, labelled: number) => {
    const pixels = Array.from({ length: count * side * side * 3 }, (_, at) => {
      const label = Math.floor(at / 3 / side / side) % 3;
      return random.below(200) + (at % 3 === label ? 50 : 0);
    });
    const labels = Array.from({ length: count }, (_, i) => i < labelled ? i % 3 : -1);
    return {
      [`x_${name}`]: npyFile([count, side, side, 3], pixels, "|u1"),
      [`y_${name}`]: npyFile([count], labels, "<i8"),
    };
  };
  return npzFile({ ...set("train", 24, 12), ...set("test", 6, 6) });
}
