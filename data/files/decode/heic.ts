/** HEIC photos, as phones take them, decoded by libheif in WebAssembly. */

import type { Size } from "./decode_image.ts";

/** Functions of libheif's C interface, with memory in which pointers are offsets. */
interface Libheif {
  readonly HEAPU8: Uint8Array;
  readonly HEAPU32: Uint32Array;
  _malloc(size: number): number;
  _free(pointer: number): void;
  _heif_context_alloc(): number;
  _heif_context_free(context: number): void;
  _heif_context_read_from_memory_without_copy(
    error: number,
    context: number,
    bytes: number,
    size: number,
    options: number,
  ): void;
  _heif_context_get_primary_image_handle(error: number, context: number, handle: number): void;
  _heif_image_handle_release(handle: number): void;
  _heif_image_handle_get_width(handle: number): number;
  _heif_image_handle_get_height(handle: number): number;
  _heif_image_handle_has_alpha_channel(handle: number): number;
  _heif_image_handle_get_raw_color_profile_size(handle: number): number;
  _heif_image_handle_get_raw_color_profile(error: number, handle: number, profile: number): void;
  _heif_decode_image(
    error: number,
    handle: number,
    image: number,
    colorspace: number,
    chroma: number,
    options: number,
  ): void;
  _heif_image_get_plane_readonly(image: number, channel: number, stride: number): number;
  _heif_image_release(image: number): void;
}

/** Numbers of libheif's enumerations; `[chroma]` by the number of channels. */
const RGB_COLORS = 1, INTERLEAVED = 10, chromas = { 3: 10, 4: 11 } as const;
/** Offsets of results in {@linkcode HeicFile}'s memory: an error of three words, a pointer and a number. */
const RESULT_BYTES = 20, POINTER = 12, NUMBER = 16;
/** Bytes of memory from which on the module is loaded anew for the next photo, as its memory never shrinks. */
const LARGE_MEMORY = 2 ** 27;

let loading: Promise<Libheif> | undefined;

/** Loads libheif on first use. */
function loadLibheif(): Promise<Libheif> {
  const silent = { print: () => {}, printErr: () => {} };
  return loading ??= import("npm:libheif-js@1.23.2/libheif-wasm/libheif-bundle.mjs")
    .then(({ default: create }) => create(silent));
}

/**
 * Returns the height and width at which a photo is displayed.
 *
 * @throws {SyntaxError} with a message that follows the file's name when its header is damaged.
 */
export async function heicSize(bytes: Uint8Array): Promise<Size> {
  return await readHeic(bytes, ({ size }) => size);
}

/**
 * Decodes a photo, turned as it is displayed, into an uncompressed TIFF with its colour profile, which the decoder of
 * the other formats reads.
 *
 * @throws {SyntaxError} with a message that follows the file's name when it cannot be decoded.
 */
export async function heicToTiff(bytes: Uint8Array): Promise<Uint8Array> {
  return await readHeic(bytes, (file) => file.toTiff());
}

async function readHeic<T>(bytes: Uint8Array, read: (file: HeicFile) => T): Promise<T> {
  const libheif = await loadLibheif();
  try {
    using file = new HeicFile(libheif, bytes);
    return read(file);
  } catch (error) {
    // After an error that libheif does not report itself, its memory may be in any state.
    if (!(error instanceof SyntaxError)) loading = undefined;
    throw error;
  } finally {
    if (libheif.HEAPU8.length >= LARGE_MEMORY) loading = undefined;
  }
}

/** The main picture of an opened file. */
class HeicFile implements Disposable {
  readonly #lib: Libheif;
  readonly #results: number;
  readonly #bytes: number;
  readonly #context: number;
  #handle = 0;

  constructor(lib: Libheif, bytes: Uint8Array) {
    this.#lib = lib;
    this.#results = lib._malloc(RESULT_BYTES);
    this.#bytes = lib._malloc(bytes.length);
    lib.HEAPU8.set(bytes, this.#bytes);
    this.#context = lib._heif_context_alloc();
    try {
      lib._heif_context_read_from_memory_without_copy(
        this.#results,
        this.#context,
        this.#bytes,
        bytes.length,
        0,
      );
      this.#check();
      lib._heif_context_get_primary_image_handle(this.#results, this.#context, this.#results + POINTER);
      this.#check();
      this.#handle = this.#word(POINTER);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  get size(): Size {
    const lib = this.#lib;
    return [lib._heif_image_handle_get_height(this.#handle), lib._heif_image_handle_get_width(this.#handle)];
  }

  toTiff(): Uint8Array {
    const lib = this.#lib, profile = this.#readProfile();
    const channels = lib._heif_image_handle_has_alpha_channel(this.#handle) ? 4 : 3;
    const result = this.#results + POINTER;
    lib._heif_decode_image(this.#results, this.#handle, result, RGB_COLORS, chromas[channels], 0);
    this.#check();
    const image = this.#word(POINTER);
    try {
      const start = lib._heif_image_get_plane_readonly(image, INTERLEAVED, this.#results + NUMBER);
      const stride = this.#word(NUMBER), [height, width] = this.size;
      const rowAt = (y: number) => lib.HEAPU8.subarray(start + y * stride).subarray(0, width * channels);
      return writeTiff({ width, height, channels, profile }, rowAt);
    } finally {
      lib._heif_image_release(image);
    }
  }

  #readProfile(): Uint8Array {
    const lib = this.#lib, size = lib._heif_image_handle_get_raw_color_profile_size(this.#handle);
    if (size === 0) return new Uint8Array();
    const profile = lib._malloc(size);
    try {
      lib._heif_image_handle_get_raw_color_profile(this.#results, this.#handle, profile);
      this.#check();
      return lib.HEAPU8.slice(profile, profile + size);
    } finally {
      lib._free(profile);
    }
  }

  #word(offset: number): number {
    return this.#lib.HEAPU32[(this.#results + offset) / 4] ?? 0;
  }

  /** Throws the error that the last call wrote, if it failed. */
  #check(): void {
    if (this.#word(0) === 0) return;
    const start = this.#word(8), { HEAPU8 } = this.#lib;
    const message = new TextDecoder().decode(HEAPU8.slice(start, HEAPU8.indexOf(0, start)));
    throw new SyntaxError(`its data are damaged or of an unsupported kind (${message.trim()})`);
  }

  [Symbol.dispose](): void {
    const lib = this.#lib;
    if (this.#handle) lib._heif_image_handle_release(this.#handle);
    lib._heif_context_free(this.#context);
    lib._free(this.#bytes);
    lib._free(this.#results);
  }
}

/** Properties of a TIFF. */
interface TiffParts {
  readonly width: number;
  readonly height: number;
  /** RGB, or RGB and opacity. */
  readonly channels: 3 | 4;
  /** ICC profile, empty if there is none. */
  readonly profile: Uint8Array;
}

const SHORT = 3, LONG = 4, UNDEFINED = 7;

/** Writes a TIFF of one uncompressed strip of bytes. @param rowAt Returns `[width, channels]` of row y. */
function writeTiff(parts: TiffParts, rowAt: (y: number) => Uint8Array): Uint8Array {
  const { width, height, channels, profile } = parts;
  const count = 10 + (channels === 4 ? 1 : 0) + (profile.length > 0 ? 1 : 0);
  // The four numbers of bits, the profile and the pixels follow the directory.
  const bits = 10 + 12 * count + 4, icc = bits + 8, start = icc + profile.length;
  const file = new Uint8Array(start + width * height * channels), view = new DataView(file.buffer);
  file.set([0x49, 0x49, 42, 0, 8, 0, 0, 0, count]);
  const entries: readonly (readonly [tag: number, type: number, count: number, value: number])[] = [
    [256, LONG, 1, width],
    [257, LONG, 1, height],
    [258, SHORT, channels, bits],
    [259, SHORT, 1, 1],
    [262, SHORT, 1, 2],
    [273, LONG, 1, start],
    [277, SHORT, 1, channels],
    [278, LONG, 1, height],
    [279, LONG, 1, width * height * channels],
    [284, SHORT, 1, 1],
    ...(channels === 4 ? [[338, SHORT, 1, 2] as const] : []),
    ...(profile.length > 0 ? [[34675, UNDEFINED, profile.length, icc] as const] : []),
  ];
  for (const [i, [tag, type, length, value]] of entries.entries()) {
    const at = 10 + 12 * i;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, length, true);
    view.setUint32(at + 8, value, true);
  }
  for (let c = 0; c < 4; c++) view.setUint16(bits + 2 * c, 8, true);
  file.set(profile, icc);
  for (let y = 0; y < height; y++) file.set(rowAt(y), start + y * width * channels);
  return file;
}
