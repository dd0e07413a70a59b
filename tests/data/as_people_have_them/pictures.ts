/** Pictures: files that are called like pictures and are none, copies, formats, 16 bits. */
import { encode } from "npm:fast-png@8.0.0";
import sharp from "npm:sharp@0.35.5";
import { bitmapFile } from "../bitmap_writer.ts";
import { type Case, folderOf, picture, writeFiles } from "./case.ts";

const zeros = (count: number) => new Uint8Array(count);
const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** Two classes of one picture each, and a file among the cats that is not a picture. */
function withFile(name: string, contents: Uint8Array | string): Case["make"] {
  return folderOf(["cat/1.png", "dog/1.png"], { [`cat/${name}`]: contents });
}

/** Expected reading of two pictures beside a third file that is left out. */
function leftOut(name: string, problem: string): Case["expect"] {
  const escaped = `cat/${name} (${problem})`.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return {
    classes: ["cat", "dog"],
    labeled: [1, 1],
    unlabeled: 0,
    test: null,
    notes: [new RegExp(`^1 file cannot be read as an image and is left out: ${escaped}$`)],
  };
}

/** A file that is not a picture: its name, its contents, the reported problem, and its origin. */
const noPictures: readonly (readonly [string, Uint8Array | string, string, string])[] = [
  [
    "page.jpg",
    "<!DOCTYPE html>\n<html><head><title>404</title>",
    "it is a web page, as after a failed download: download it again",
    "a download that needed a login",
  ],
  [
    "denied.jpg",
    '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
    "it is XML, as sent by servers for missing files: download it again",
    "a storage bucket that is private",
  ],
  [
    "limit.png",
    '{"message": "API rate limit exceeded"}',
    "it is text: download it again",
    "too many downloads in an hour",
  ],
  [
    "pointer.png",
    "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n",
    "it is a Git LFS pointer to a file that was not fetched: run git lfs pull",
    "a clone without git lfs",
  ],
  [
    "annex.png",
    "/annex/objects/MD5E-s1--0.png\n",
    "it is a git-annex pointer to a file that was not fetched: run git annex get",
    "a clone without git-annex",
  ],
  ["empty.jpg", "", "it is empty", "a disk that was full"],
  [
    "zeros.jpg",
    zeros(5000),
    "it is nothing but zeros, as after an interrupted copy: copy it again",
    "a copy that was interrupted",
  ],
  [
    "cut.png",
    picture(7).subarray(0, 70),
    "its end is missing: copy or download it again",
    "a download that was interrupted",
  ],
  [
    "IMG_0002.HEIC",
    latin1("\0\0\0\x18ftypheix\0\0\0\0mif1heix\0\0\x10\0mdat"),
    "its end is missing: copy or download it again",
    "an iPhone's photo, half copied",
  ],
  ["scan.jpg", "%PDF-1.4\n%\u00e2\u00e3", "it is a PDF: export its pictures", "a scanner's file, renamed"],
  [
    "all.png",
    latin1("PK\x03\x04\x14\0\0\0"),
    "it is a ZIP archive or an office document: unpack it",
    "an archive, renamed",
  ],
  [
    "clip.jpg",
    latin1("\0\0\0\x14ftypmp42\0\0\0\0isom"),
    "it is a video: save single pictures of it",
    "a live photo's film",
  ],
  [
    "new.jpg",
    latin1("\xff\x0a\0\0"),
    "it is JPEG XL: save it as PNG or JPEG",
    "an export of a new program",
  ],
  [
    "logo.png",
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    "it is an SVG drawing: save it as PNG or JPEG",
    "a drawing, renamed",
  ],
];

async function photo(format: "jpeg" | "gif" | "tiff" | "avif" | "webp", number: number): Promise<Uint8Array> {
  return await sharp(picture(number)).toFormat(format).toBuffer();
}

/** A grey picture of 16 bits whose values stay below 4096. */
function twelveBits(number: number): Uint8Array {
  const data = Uint16Array.from({ length: 64 }, (_, i) => (i * 64 + number) % 4096);
  return encode({ width: 8, height: 8, channels: 1, depth: 16, data });
}

const copy = picture(0);

/** Cases of pictures. */
export const cases: Case[] = [
  ...noPictures.map(([name, contents, problem, about]): Case => ({
    name: `no picture: ${name}`,
    about,
    make: withFile(name, contents),
    expect: leftOut(name, problem),
  })),
  {
    name: "a folder of an iPhone's photos",
    about: "with their films, and one that a program has renamed",
    make: async (directory) => {
      const photo = (name: string) => Deno.readFile(new URL(`../images/${name}.heic`, import.meta.url));
      await writeFiles(directory, {
        "cat/IMG_0001.HEIC": await photo("plain"),
        "cat/IMG_0001.MOV": latin1("\0\0\0\x14ftypqt  \0\0\0\0qt  "),
        "dog/IMG_0002.heic": await photo("p3"),
        "dog/IMG_0003.jpg": await photo("turned"),
      });
    },
    expect: {
      classes: ["cat", "dog"],
      labeled: [1, 2],
      unlabeled: 0,
      test: null,
      notes: [/1 file.*cat\/IMG_0001\.MOV/],
    },
  },
  {
    name: "pictures of every format",
    about: "collected from the web: JPEG, GIF, TIFF, AVIF, WebP, BMP, one of them named as another",
    make: async (directory) =>
      await writeFiles(directory, {
        "cat/1.jpg": await photo("jpeg", 1),
        "cat/2.gif": await photo("gif", 2),
        "cat/3.TIF": await photo("tiff", 3),
        "dog/4.avif": await photo("avif", 4),
        "dog/5.webp": await photo("webp", 5),
        "dog/6.bmp": bitmapFile({
          width: 5,
          height: 4,
          bits: 24,
          headerSize: 40,
          pixel: (x, y) => [x, y, 9],
        }),
        "dog/7.png": await photo("jpeg", 7),
      }),
    expect: { classes: ["cat", "dog"], labeled: [3, 4], unlabeled: 0, test: null },
  },
  {
    name: "photos with something behind their end",
    about: "phones add a film, cameras a preview, editors padding",
    make: async (directory) => {
      const jpeg = await photo("jpeg", 1);
      await writeFiles(directory, {
        "cat/1.jpg": new Uint8Array([...jpeg, ...latin1("\0\0\0\x14ftypmp42\0\0\0\0isom"), ...zeros(70_000)]),
        "dog/2.jpg": new Uint8Array([...await photo("jpeg", 2), ...zeros(512)]),
        "dog/3.png": new Uint8Array([...picture(3), 13, 10]),
      });
    },
    expect: { classes: ["cat", "dog"], labeled: [1, 2], unlabeled: 0, test: null },
  },
  {
    name: "copies in training and validation",
    about: "a folder that was split by hand",
    make: folderOf([], {
      "train/cat/1.png": copy,
      "train/cat/2.png": picture(2),
      "train/dog/3.png": picture(3),
      "val/cat/x.png": copy,
      "val/dog/y.png": picture(5),
    }),
    expect: {
      classes: ["cat", "dog"],
      labeled: [1, 1],
      unlabeled: 0,
      test: [1, 1],
      notes: [
        /^WARNING: 1 picture is both in val\/ and in the training set \(compared byte by byte\)\. .*val\/cat\/x\.png = train\/cat\/1\.png$/,
      ],
    },
  },
  {
    name: "copies in two classes",
    about: "two people who labelled differ",
    make: folderOf([], {
      "cat/1.png": copy,
      "cat/2.png": picture(2),
      "dog/1.png": copy,
      "dog/3.png": picture(3),
    }),
    expect: {
      classes: ["cat", "dog"],
      labeled: [1, 1],
      unlabeled: 2,
      test: null,
      notes: [
        /^1 picture is in several classes \(compared byte by byte\) and left unlabelled: cat\/1\.png = dog\/1\.png$/,
      ],
    },
  },
  {
    name: "copies of a file manager",
    about: "1 (2).png and 1 - Copy.png",
    make: folderOf([], {
      "cat/1.png": copy,
      "cat/1 (2).png": copy,
      "cat/1 - Copy.png": copy,
      "dog/3.png": picture(3),
    }),
    expect: {
      classes: ["cat", "dog"],
      labeled: [3, 1],
      unlabeled: 0,
      test: null,
      notes: [
        /^2 pictures are copies of others \(compared byte by byte\): cat\/1 \(2\)\.png = cat\/1 - Copy\.png = cat\/1\.png$/,
      ],
    },
  },
  {
    name: "a camera of 12 bits",
    about: "16-bit PNGs whose values stay below 4096",
    make: folderOf([], {
      "cat/1.png": twelveBits(1),
      "cat/2.png": twelveBits(2),
      "dog/3.png": twelveBits(3),
      "dog/4.png": picture(4),
    }),
    expect: {
      classes: ["cat", "dog"],
      labeled: [2, 2],
      unlabeled: 0,
      test: null,
      notes: [
        /^16-bit images use only 12 bits \(values up to 4035 in the 3 images examined\), so 4095 is taken as white$/,
      ],
    },
  },
];
