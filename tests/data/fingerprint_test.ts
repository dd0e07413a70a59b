import { assertEquals, assertNotEquals } from "../assert.ts";
import { digestBytes, digestFile } from "../../data/files/inspect/digest_files.ts";
import { fingerprint, MOST_FINGERPRINTED, murmurHash3 } from "../../data/files/inspect/fingerprint.ts";

Deno.test("fingerprint: the hash is MurmurHash3, by published values", () => {
  const values: readonly (readonly [text: string, seed: number, hash: number])[] = [
    ["", 0, 0],
    ["", 1, 0x514e28b7],
    ["test", 0, 0xba6bd213],
    ["Hello, world!", 0, 0xc0363e43],
    ["abc", 0x9747b28c, 0xc84a62dd],
    ["aaaa", 0x9747b28c, 0x5a97808a],
    ["The quick brown fox jumps over the lazy dog", 0x9747b28c, 0x2fa826cd],
  ];
  for (const [text, seed, hash] of values) {
    assertEquals(murmurHash3(new TextEncoder().encode(text), seed), hash, text);
  }
});

Deno.test("fingerprint: the length counts too", () => {
  assertNotEquals(fingerprint(new Uint8Array(3)), fingerprint(new Uint8Array(4)));
});

Deno.test("fingerprint: small and large files have the same number in every reader", async () => {
  const large = new Uint8Array(MOST_FINGERPRINTED + 1).map((_, i) => i % 251);
  for (const bytes of [Uint8Array.of(1, 2, 3, 4, 5), large.subarray(1), large]) {
    const path = await Deno.makeTempFile();
    try {
      await Deno.writeFile(path, bytes);
      assertEquals(digestFile(path), digestBytes(bytes));
      const isSmall = bytes.length <= MOST_FINGERPRINTED;
      assertEquals(digestFile(path).content === fingerprint(bytes.slice()), isSmall);
    } finally {
      await Deno.remove(path);
    }
  }
});
