/**
 * The JSON schema of files of options, for completion and checks in editors.
 * @module
 */
import { flagOf } from "../command/options.ts";
import type { Row } from "../command/rows.ts";
import { configRows, otherKeys } from "./config_options.ts";

/** A part of a JSON schema. */
type Schema = Readonly<Record<string, unknown>>;

/** Returns the schema of all options that a file may have, draft 7, which editors know. */
export function configSchema(): Schema {
  const properties = Object.entries(configRows()).map(([option, row]) => [option, propertyOf(option, row)]);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Options of mean-teacher train --config",
    type: "object",
    properties: {
      [otherKeys.schema]: { type: "string", description: "Address of this schema." },
      ...Object.fromEntries(properties),
      [otherKeys.about]: {
        type: "object",
        description: "Facts about the run that wrote the file. No options are read from here.",
      },
    },
    // Plugins register methods whose options have the method's name before a dot.
    patternProperties: { "^[a-z][a-z0-9-]*\\.[A-Za-z0-9]+$": {} },
    additionalProperties: false,
  };
}

function propertyOf(option: string, row: Row): Schema {
  const source = row.source === undefined ? "" : ` (${row.source})`;
  const value = valueSchema(row);
  return {
    ...(row.default === null ? { anyOf: [value, { type: "null" }] } : value),
    description: `${row.help}${source}. On the command line: ${flagOf(option)}`,
    default: row.default,
  };
}

/** Returns the schema of a value that is set. */
function valueSchema(row: Row): Schema {
  switch (row.kind) {
    case "switch":
      return { type: "boolean" };
    case "choice":
      return { enum: row.choices };
    case "name":
      // Plugins register more names.
      return { anyOf: [{ enum: row.names }, { type: "string" }] };
    case "length":
      return { anyOf: [{ type: "number", minimum: 0 }, { type: "string", pattern: "^\\d+steps$" }] };
    case "numbers":
      return {
        type: "array",
        items: { type: "number", minimum: 0 },
        minItems: row.count,
        maxItems: row.count,
      };
    case "weights": {
      const weight = { type: "number", minimum: 0 };
      const named = { type: "object", additionalProperties: weight, minProperties: 1 };
      return { anyOf: [{ const: "balanced" }, { type: "array", items: weight, minItems: 1 }, named] };
    }
    case "path":
      return row.off === undefined
        ? { type: "string", minLength: 1 }
        : { anyOf: [{ type: "string", minLength: 1 }, { const: false }] };
    case "text":
      return { type: ["string", "number"] };
    case "list": {
      const each = valueSchema(row.of);
      // A text is split at its commas, as on the command line.
      return { anyOf: [{ type: "array", items: each, minItems: 1 }, { type: ["string", "number"] }] };
    }
    default:
      return { type: row.kind, ...rangeOf(row) };
  }
}

function rangeOf({ minimum, maximum, isOpen }: Row & { readonly kind: "number" | "integer" }): Schema {
  return {
    ...(minimum !== -Infinity && { [isOpen === "below" ? "exclusiveMinimum" : "minimum"]: minimum }),
    ...(maximum !== undefined && { [isOpen === "above" ? "exclusiveMaximum" : "maximum"]: maximum }),
  };
}
