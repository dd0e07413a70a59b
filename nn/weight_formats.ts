// deno-lint-ignore-file no-control-regex
/**
 * Formats that are given in the place of safetensors, told by their first bytes.
 * @module
 */

/** A format that is none of safetensors. */
interface OtherFormat {
  /** What its first bytes are like, as Latin-1. */
  readonly begins: RegExp;
  /** What such a file is, as the end of a sentence. */
  readonly is: string;
  /** What to do about it, given the file's name: a sentence. */
  readonly remedy: (name: string) => string;
}

/** Bytes that are looked at. */
const shownBytes = 128;

const fetchAgain = () => "Get the file itself";

/** The two lines of Python that write safetensors of what `torch.save` wrote. */
function ofTorch(name: string): string {
  const target = name.replace(/(\.(pth?|bin|ckpt|pkl|pickle|tar))+$/i, "") + ".safetensors";
  return `In Python: \`import torch, safetensors.torch\` and then \`safetensors.torch.save_file(torch.load(${
    JSON.stringify(name)
  }, map_location="cpu"), ${
    JSON.stringify(target)
  })\`, with ["state_dict"] behind torch.load(…) if it has more than weights`;
}

/** The first that is right counts. */
const formats: readonly OtherFormat[] = [
  {
    begins: /^PK\x03\x04.*(data\.pkl|\.format_version|\.storage_alignment|byteorder)/s,
    is: "a ZIP archive of torch.save",
    remedy: ofTorch,
  },
  {
    begins: /^PK\x03\x04.*\.npy/s,
    is: "a ZIP archive of NumPy arrays (.npz)",
    remedy: (name) =>
      `In Python: \`import numpy, safetensors.numpy\` and then \`safetensors.numpy.save_file(dict(numpy.load(${
        JSON.stringify(name)
      })), "weights.safetensors")\``,
  },
  {
    begins: /^PK(\x03\x04|\x05\x06)/,
    is: "a ZIP archive, as torch.save, Keras and others write",
    remedy: ofTorch,
  },
  {
    // Protocols 2 to 5 of Python say which they are; the first one is text.
    begins: /^(\x80[\x02-\x05][^\0]|\([dl]p\d+\n|c[\w.]+\n\w+\n)/,
    is: "a pickle, as Python and torch.save before version 1.6 write",
    remedy: ofTorch,
  },
  {
    begins: /^version https:\/\/(git-lfs|hawser)/,
    is: "a Git LFS pointer, which stands for a file that was not fetched",
    remedy: () => "Fetch it with `git lfs pull`",
  },
  {
    begins: /^\x89HDF\r\n\x1a\n/,
    is: "an HDF5 file, as Keras writes",
    remedy: () => "Networks of Keras are not known here: give weights of PyTorch's networks",
  },
  {
    begins: /^GGUF|^gg(ml|mf|jt)/i,
    is: "a GGUF file of a language model",
    remedy: () => "Give the weights of an image classifier",
  },
  {
    begins: /^\x93NUMPY/,
    is: "a NumPy array",
    remedy: () =>
      "In Python, write all arrays of the network by their names with `safetensors.numpy.save_file`",
  },
  {
    begins: /^\x08[\x01-\x20][\x12\x1a\x22\x3a]/,
    is: "an ONNX file or another protocol buffer",
    remedy: () => "Write the weights of the module that it was made of",
  },
  {
    begins: /^(\x1f\x8b|BZh|\xfd7zXZ|7z\xbc\xaf|\x28\xb5\x2f\xfd|Rar!)/,
    is: "a compressed file",
    remedy: () => "Decompress it",
  },
  {
    begins: /^(\x89PNG|\xff\xd8\xff|GIF8|RIFF)/,
    is: "a picture",
    remedy: () => "Give the model first, then pictures",
  },
  {
    begins: /^(\xef\xbb\xbf)?\s*<[!?a-z]/i,
    is: "a web page, perhaps one that says why the file was not sent",
    remedy: fetchAgain,
  },
  {
    begins: /^(\xef\xbb\xbf)?\s*[{[]/,
    is: "JSON, as an index of weights or an answer that says why the file was not sent",
    remedy: fetchAgain,
  },
];

/**
 * Says what a file is that cannot be read as safetensors, and what to do about it.
 * @param bytes The file, or its beginning.
 * @param source Its name or path.
 * @returns The end of a sentence and another sentence; nothing where it is not known.
 */
export function describeOther(bytes: Uint8Array, source: string): string | undefined {
  const start = Array.from(bytes.subarray(0, shownBytes), (byte) => String.fromCharCode(byte)).join("");
  const format = formats.find(({ begins }) => begins.test(start));
  if (format) return `it is ${format.is}. ${format.remedy(source.split(/[/\\]/).at(-1) ?? source)}`;
  const [line = ""] = start.slice(0, 60).split(/[\r\n]/);
  if (line.length < 8 || !/^[\t\x20-\x7e]+$/.test(line)) return undefined;
  return `it is a text that begins with ${JSON.stringify(line)}. ${fetchAgain()}`;
}
