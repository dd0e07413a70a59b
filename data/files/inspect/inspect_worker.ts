/**
 * The worker that looks at files; {@linkcode inspectFiles} starts it.
 * @module
 */

import { inspectAll, type Inspection, type InspectionRequest } from "./inspect_all.ts";

/** What this global object is, where types know only that of a window. */
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<InspectionRequest>) => void;
  postMessage(reply: Inspection): void;
};

scope.onmessage = ({ data }) => scope.postMessage(inspectAll(data));
