/**
 * The labelling page: its files, and what it asks for.
 * @module
 */
import { type ImageSource, readBatches } from "../../data/mod.ts";
import { encodePicture } from "../report/thumbnail.ts";
import { printWarning } from "../terminal/output.ts";
import { EventChannel } from "../web/event_channel.ts";
import { Refusal } from "../web/refusal.ts";
import type { Handler, Site } from "../web/routes.ts";
import { sharedAssets } from "../web/shared_assets.ts";
import { isNumber, isObject } from "../command/json_values.ts";
import { messageOf } from "../../data/internal.ts";
import { shownSide } from "./label_source.ts";
import type { LabelSession } from "./session.ts";
import type { LabelRequest } from "./session_state.ts";
import board from "./page/board.js" with { type: "text" };
import chart from "./page/chart.js" with { type: "text" };
import classKeys from "./page/class_keys.js" with { type: "text" };
import html from "./page/label.html" with { type: "text" };
import script from "./page/label.js" with { type: "text" };
import labelling from "./page/labelling.js" with { type: "text" };
import panel from "./page/panel.js" with { type: "text" };
import style from "./page/label.css" with { type: "text" };

/** Largest number of pictures in one request. */
const mostPictures = 1000;

/** The site of a labelling, and the channel that tells its pages of changes. */
export interface LabelSite {
  readonly site: Site;
  readonly channel: EventChannel;
}

/** Returns the site of a labelling. */
export function createLabelSite(session: LabelSession, shown: ImageSource): LabelSite {
  const channel = new EventChannel(() => [{ name: "state", data: session.state }]);
  session.onChange = () => channel.send("state", session.state);
  const done = new Response(null, { status: 204 });
  const post = (work: (value: unknown) => unknown): Handler => async ({ json }) => {
    const answer = await refusing(() => work(json()));
    return answer === undefined ? done.clone() : Response.json(answer);
  };
  const site: Site = {
    assets: {
      ...sharedAssets,
      "/": html,
      "/label/page/label.css": style,
      "/label/page/label.js": script,
      "/label/page/board.js": board,
      "/label/page/chart.js": chart,
      "/label/page/class_keys.js": classKeys,
      "/label/page/labelling.js": labelling,
      "/label/page/panel.js": panel,
    },
    routes: {
      "GET /events": () => channel.connect(),
      "GET /picture/:index": async ({ parameters }) =>
        await pictureResponse(shown, Number(parameters["index"])),
      "POST /label": post(async (value) => ({ conflicts: await session.label(labelRequestIn(await value)) })),
      "POST /next": post(async (value) => session.next(numberIn(await value, "number"))),
      "POST /train": post(() => session.train()),
      "POST /stop": post(() => session.stopTraining()),
    },
    onError: (error) => printWarning(`The page could not be served: ${messageOf(error)}`),
  };
  return { site, channel };
}

/** Turns a RangeError, whose reason is the sender's, into a refusal. */
async function refusing<T>(work: () => T): Promise<Awaited<T>> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RangeError) throw new Refusal(409, error.message);
    throw error;
  }
}

async function pictureResponse(shown: ImageSource, index: number): Promise<Response> {
  if (!Number.isSafeInteger(index) || index < 0 || index >= shown.labels.length) {
    throw new Refusal(404, "Not found.");
  }
  for await (const { pixels, aspects } of readBatches(shown, Int32Array.of(index), 1)) {
    if (pixels.length === 0) break;
    const { png } = encodePicture(pixels, shapeOf(shown), aspects[0], shownSide);
    return new Response(png as Uint8Array<ArrayBuffer>, {
      headers: { "content-type": "image/png", "cache-control": "private, max-age=3600" },
    });
  }
  throw new Refusal(404, "The picture cannot be decoded.");
}

function shapeOf({ imageShape: [channels, height, width] }: ImageSource): [number, number, number] {
  return [channels, height, width];
}

function labelRequestIn(value: unknown): LabelRequest {
  if (!isObject(value) || !Array.isArray(value["pictures"]) || value["pictures"].length > mostPictures) {
    throw new Refusal(400, `The request needs a list of at most ${mostPictures} pictures.`);
  }
  const pictures = value["pictures"].map((picture: unknown) => ({
    index: numberIn(picture, "index"),
    seen: labelIn(picture, "seen"),
  }));
  return { pictures, label: labelIn(value, "label"), isSkip: value["isSkip"] === true };
}

function labelIn(value: unknown, name: string): string | null {
  return isObject(value) && value[name] === null ? null : textIn(value, name);
}

function textIn(value: unknown, name: string): string {
  const text = isObject(value) ? value[name] : undefined;
  if (typeof text === "string") return text;
  throw new Refusal(400, `The request needs a text ${name}.`);
}

function numberIn(value: unknown, name: string): number {
  const number = isObject(value) ? value[name] : undefined;
  if (isNumber(number)) return number;
  throw new Refusal(400, `The request needs a number ${name}.`);
}
