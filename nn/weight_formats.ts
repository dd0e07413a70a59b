// deno-lint-ignore-file no-control-regex
/**
 * Formats that users pass instead of safetensors, recognised by their first bytes.
 * @module
 */

/** A format other than safetensors. */
interface OtherFormat {
  /** Pattern of the first bytes, as Latin-1. */
  readonly signature: RegExp;
  /** Name of the format, with an article. */
  readonly description: string;
  /** Returns a sentence, without its period, that says what to do with a file of this name. */
  readonly remedy: (name: string) => string;
}

/** Number of bytes examined. */
const signatureBytes = 128;

const downloadAgain = () => "Download the file itself";

/** Returns the Python code that converts a file of `torch.save` to safetensors. */
function convertFromTorch(name: string): string {
  const target = name.replace(/(\.(pth?|bin|ckpt|pkl|pickle|tar))+$/i, "") + ".safetensors";
  return `In Python: \`import torch, safetensors.torch\` and then \`safetensors.torch.save_file(torch.load(${
    JSON.stringify(name)
  }, map_location="cpu"), ${
    JSON.stringify(target)
  })\`; append ["state_dict"] to torch.load(…) if the file holds more than weights`;
}

/** Known formats; the first match counts. */
const formats: readonly OtherFormat[] = [
  {
    signature: /^PK\x03\x04.*(data\.pkl|\.format_version|\.storage_alignment|byteorder)/s,
    description: "a ZIP archive written by torch.save",
    remedy: convertFromTorch,
  },
  {
    signature: /^PK\x03\x04.*\.npy/s,
    description: "a ZIP archive of NumPy arrays (.npz)",
    remedy: (name) =>
      `In Python: \`import numpy, safetensors.numpy\` and then \`safetensors.numpy.save_file(dict(numpy.load(${
        JSON.stringify(name)
      })), "weights.safetensors")\``,
  },
  {
    signature: /^PK(\x03\x04|\x05\x06)/,
    description: "a ZIP archive, such as torch.save and Keras write",
    remedy: convertFromTorch,
  },
  {
    // Python's protocols 2 to 5 begin with their number; protocol 0 is text.
    signature: /^(\x80[\x02-\x05][^\0]|\([dl]p\d+\n|c[\w.]+\n\w+\n)/,
    description: "a pickle, such as torch.save before version 1.6 writes",
    remedy: convertFromTorch,
  },
  {
    signature: /^version https:\/\/(git-lfs|hawser)/,
    description: "a Git LFS pointer: the file itself was not downloaded",
    remedy: () => "Run `git lfs pull` to download the file",
  },
  {
    signature: /^\x89HDF\r\n\x1a\n/,
    description: "an HDF5 file, such as Keras writes",
    remedy: () => "Keras networks are not supported: use weights of a PyTorch network",
  },
  {
    signature: /^GGUF|^gg(ml|mf|jt)/i,
    description: "a GGUF file of a language model",
    remedy: () => "Use weights of an image classifier",
  },
  {
    signature: /^\x93NUMPY/,
    description: "a NumPy array",
    remedy: () => "In Python, save all arrays of the network by name with `safetensors.numpy.save_file`",
  },
  {
    signature: /^\x08[\x01-\x20][\x12\x1a\x22\x3a]/,
    description: "an ONNX file or another protocol buffer",
    remedy: () => "Save the weights of the PyTorch module from which the file was exported",
  },
  {
    signature: /^(\x1f\x8b|BZh|\xfd7zXZ|7z\xbc\xaf|\x28\xb5\x2f\xfd|Rar!)/,
    description: "a compressed file",
    remedy: () => "Decompress the file",
  },
  {
    signature: /^(\x89PNG|\xff\xd8\xff|GIF8|RIFF)/,
    description: "a picture",
    remedy: () => "Pass the model first, then the pictures",
  },
  {
    signature: /^(\xef\xbb\xbf)?\s*<[!?a-z]/i,
    description: "a web page, perhaps an error message of the server",
    remedy: downloadAgain,
  },
  {
    signature: /^(\xef\xbb\xbf)?\s*[{[]/,
    description: "JSON, such as an index of weights or an error message of a server",
    remedy: downloadAgain,
  },
];

/**
 * Describes the format of a file that is not safetensors, and what to do with the file.
 * @param bytes The file, or its beginning.
 * @param source Name or path of the file.
 * @returns "it is FORMAT. REMEDY.", to be appended to an error message; undefined if the format is unknown.
 */
export function describeOther(bytes: Uint8Array, source: string): string | undefined {
  const start = Array.from(bytes.subarray(0, signatureBytes), (byte) => String.fromCharCode(byte)).join("");
  const format = formats.find(({ signature }) => signature.test(start));
  if (format) return `it is ${format.description}. ${format.remedy(source.split(/[/\\]/).at(-1) ?? source)}.`;
  const [line = ""] = start.slice(0, 60).split(/[\r\n]/);
  if (line.length < 8 || !/^[\t\x20-\x7e]+$/.test(line)) return undefined;
  return `it is a text that begins with ${JSON.stringify(line)}. ${downloadAgain()}.`;
}
