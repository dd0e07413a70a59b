/**
 * Files of options: JSON with or without comments, and YAML.
 * @module
 */
import { join } from "node:path";
import jsonc, { type ParseError } from "npm:jsonc-parser@3.3.1";
import { isMap, isNode, isScalar, LineCounter, parseDocument } from "npm:yaml@2.9.1";
import { quoteOf } from "../../data/internal.ts";
import { readGivenFile } from "../command/given_file.ts";
import { runFiles } from "../run_files/run_files.ts";

/** A key of a file with its value. */
export interface ConfigEntry {
  readonly key: string;
  readonly value: unknown;
  /** Line of the key, from 1. */
  readonly line: number;
}

/** A file of options, parsed but not checked. */
export interface ConfigFile {
  readonly path: string;
  readonly entries: readonly ConfigEntry[];
}

/** Largest size of a file in bytes. */
const mostBytes = 2 ** 18;
/** Most brackets that are open at once: the parser of YAML takes seconds for thousands. */
const mostBrackets = 1000;

/** Parses a text. @throws {SyntaxError} by `fail`, with the line of the fault. */
type Parser = (text: string, fail: (reason: string, line?: number) => never) => ConfigEntry[];

const parsers: Readonly<Record<string, Parser>> = {
  ".json": parseJson,
  ".jsonc": parseJson,
  ".yaml": parseYaml,
  ".yml": parseYaml,
};

/**
 * Reads a file of options. The folder of a run stands for its `config.json`.
 * @throws {RangeError} if it cannot be read, or has another extension. @throws {SyntaxError} if it is malformed.
 */
export async function readConfigFile(given: string): Promise<ConfigFile> {
  const path = await isFolder(given) ? join(given, runFiles.config) : given;
  const parser = parserOf(path, given);
  return { path, entries: parseWith(parser, path, await readGivenFile(path, "config")) };
}

function parserOf(path: string, given: string): Parser {
  const extension = /\.[^./\\]*$/.exec(path)?.[0].toLowerCase() ?? "";
  const parser = Object.hasOwn(parsers, extension) ? parsers[extension] : undefined;
  if (parser) return parser;
  throw new RangeError(
    `Cannot use --config ${given}: the name must end with ${Object.keys(parsers).join(", ")}`,
  );
}

function parseWith(parser: Parser, path: string, bytes: Uint8Array): ConfigEntry[] {
  const fail = (reason: string, line?: number): never => {
    throw new SyntaxError(`Cannot use ${placeOf(path, line)}: ${quoteOf(reason)}`);
  };
  if (bytes.length > mostBytes) fail(`it has ${bytes.length} bytes, but at most ${mostBytes} are allowed`);
  if (deepestBrackets(bytes) > mostBrackets) fail("its values are nested too deeply");
  try {
    return parser(new TextDecoder().decode(bytes), fail);
  } catch (error) {
    // The parsers call themselves for each level.
    if (error instanceof RangeError) return fail("its values are nested too deeply");
    // The parser of YAML refuses aliases of aliases that would fill the memory.
    if (error instanceof ReferenceError) return fail("its aliases repeat too many values");
    throw error;
  }
}

/** Returns the largest number of brackets that are open at once; those in texts and comments count too. */
function deepestBrackets(bytes: Uint8Array): number {
  const [openers, closers] = ["[{", "]}"].map((brackets) => new Set(new TextEncoder().encode(brackets)));
  let open = 0, deepest = 0;
  for (const byte of bytes) {
    if (openers?.has(byte)) deepest = Math.max(deepest, ++open);
    else if (closers?.has(byte)) open = Math.max(0, open - 1);
  }
  return deepest;
}

/** Parses the bytes of a file of options by the extension of its name. @throws as {@linkcode readConfigFile} does. */
export function parseConfig(path: string, bytes: Uint8Array): ConfigEntry[] {
  return parseWith(parserOf(path, path), path, bytes);
}

/** Returns the place of a fault, such as `my.yaml (line 3)`. */
export function placeOf(path: string, line: number | undefined): string {
  return line === undefined ? path : `${path} (line ${line})`;
}

async function isFolder(path: string): Promise<boolean> {
  // A file that is missing is reported when it is read.
  return await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
}

const notOptions = "the file must hold options, each with its value";

function parseJson(text: string, fail: Parameters<Parser>[1]): ConfigEntry[] {
  const lineAt = (offset: number) => text.slice(0, offset).split("\n").length;
  const faults: ParseError[] = [];
  const root = jsonc.parseTree(text, faults, { allowTrailingComma: true });
  const [fault] = faults;
  if (fault) {
    const words = jsonc.printParseErrorCode(fault.error).replace(/\B[A-Z]/g, (letter) => ` ${letter}`);
    fail(`the file is not valid JSON: ${words.toLowerCase()}`, lineAt(fault.offset));
  }
  if (root?.type !== "object") fail(notOptions);
  const entries = (root.children ?? []).map(({ offset, children: [key, value] = [] }) => ({
    key: `${key?.value}`,
    value: value && jsonc.getNodeValue(value),
    line: lineAt(offset),
  }));
  const seen = new Set<string>();
  for (const { key, line } of entries) {
    if (seen.has(key)) fail(`"${key}" is there twice`, line);
    seen.add(key);
  }
  return entries;
}

function parseYaml(text: string, fail: Parameters<Parser>[1]): ConfigEntry[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number | undefined) =>
    offset === undefined ? undefined : lines.linePos(offset).line;
  const [fault] = document.errors;
  if (fault) fail(`the file is not valid YAML: ${fault.message}`, lineAt(fault.pos[0]));
  const { contents } = document;
  if (!isMap(contents)) return fail(notOptions);
  return contents.items.map(({ key, value }) => {
    if (!isScalar(key)) return fail("a name of an option must be a text");
    const held: unknown = value;
    return {
      key: `${key.value}`,
      value: isNode(held) ? held.toJS(document) : null,
      line: lineAt(key.range?.[0]) ?? 1,
    };
  });
}
