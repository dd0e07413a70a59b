/**
 * The OpenAPI description of the server.
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import type { ServeLimits } from "./prediction_site.ts";

/** Meaning of each status of a refusal. */
const refusals = {
  400: "The picture cannot be decoded or has too many pixels, or the request is malformed.",
  403: "The request names another host, or comes from a page of another site.",
  408: "The request took too long to arrive.",
  411: "The length of the picture is not announced.",
  413: "The file is too large.",
  415: "The body is a form, JSON or packed instead of a picture.",
  503: "The server has too many requests; try again after the seconds in Retry-After.",
} as const;

const json = (schema: object) => ({ content: { "application/json": { schema } } });
const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const probability = { type: "number", minimum: 0, maximum: 1 };

function schemas(classes: readonly string[]): object {
  const className = { type: "string", enum: classes };
  const classed = { class: className, probability };
  return {
    Class: { type: "object", required: ["class", "probability"], properties: classed },
    Prediction: {
      type: "object",
      required: ["class", "probability"],
      properties: {
        ...classed,
        top: { type: "array", items: reference("Class"), description: "The likeliest classes first." },
        probabilities: { type: "object", additionalProperties: probability },
      },
    },
    Error: { type: "object", required: ["error"], properties: { error: { type: "string" } } },
  };
}

function predictOperation(classes: readonly string[], { maximumBody, mostPixels }: ServeLimits): object {
  return {
    summary: "Classifies a picture",
    description:
      `The body is the file of a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC or Netpbm picture, of at most ${maximumBody} bytes and ${mostPixels} pixels.`,
    parameters: [
      {
        name: "top",
        in: "query",
        description: "Number of likeliest classes.",
        schema: { type: "integer", minimum: 1, maximum: classes.length, default: 1 },
      },
      {
        name: "probabilities",
        in: "query",
        description: "Whether the probability of each class is returned.",
        schema: { type: "boolean", default: false },
      },
    ],
    requestBody: {
      required: true,
      content: {
        "image/*": { schema: { type: "string", format: "binary" } },
        "application/octet-stream": { schema: { type: "string", format: "binary" } },
      },
    },
    responses: {
      200: { description: "The prediction.", ...json(reference("Prediction")) },
      ...Object.fromEntries(
        Object.entries(refusals).map(([status, description]) => [
          status,
          { description, ...json(reference("Error")) },
        ]),
      ),
    },
  };
}

/** Returns the description of a server of a model, by OpenAPI 3.1. */
export function openApi(classes: readonly string[], limits: ServeLimits): object {
  const answer = (description: string) => ({ 200: { description, ...json({ type: "object" }) } });
  return {
    openapi: "3.1.0",
    info: { title: "Mean Teacher: classification of pictures", version: config.version },
    paths: {
      "/predict": { post: predictOperation(classes, limits) },
      "/model": { get: { summary: "Describes the model", responses: answer("The model.") } },
      "/health": { get: { summary: "Tells whether the server works", responses: answer("It works.") } },
      "/openapi.json": { get: { summary: "This description", responses: answer("The description.") } },
    },
    components: { schemas: schemas(classes) },
  };
}
