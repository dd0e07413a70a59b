/**
 * Sites: what a server answers to which path.
 * @module
 */
import { Refusal } from "./refusal.ts";
import { assetResponse, type Policy } from "./responses.ts";

/** A request that passed all checks. */
export interface WebRequest {
  /** Parts of the path that a route names with a colon. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Aborts when the sender is gone. */
  readonly signal: AbortSignal;
  /** Returns a header; undefined if absent. */
  header(name: string): string | undefined;
  /** Reads the body. @param maximum Largest number of bytes (default: the server's). @throws {Refusal} if it is larger. */
  bytes(maximum?: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads the body as JSON. @throws {Refusal} if it is larger than the server's limit, or malformed. */
  json(): Promise<unknown>;
}

/** Answers requests; a thrown {@linkcode Refusal} becomes the response, another error the status 500. */
export type Handler = (request: WebRequest) => Response | Promise<Response>;

/** Site that a server serves. */
export interface Site {
  /** Handlers by method and path, such as `"GET /image/:index"`. */
  readonly routes: Readonly<Record<string, Handler>>;
  /** Texts by path, such as `"/page.css"`; `"/"` is HTML. */
  readonly assets?: Readonly<Record<string, string>>;
  /** Directives of the content security policy that replace the default. */
  readonly policy?: Policy;
  /** Returns the response to a refused request (default: its reason as text). */
  readonly answerRefusal?: (refusal: Refusal) => Response;
  /** Receives errors of handlers. */
  readonly onError: (error: unknown) => void;
}

/** Finds the handler of a method and path. @throws {Refusal} with 404 or 405. */
export type RouteFinder = (
  method: string,
  path: string,
) => readonly [Handler, Readonly<Record<string, string>>];

/** Returns the finder of a site's handlers. */
export function routeFinder({ routes, assets = {} }: Site): RouteFinder {
  const all = [
    ...Object.entries(assets).map(([path, text]) =>
      [`GET ${path}`, () => assetResponse(path === "/" ? "index.html" : path, text)] as const
    ),
    ...Object.entries(routes),
  ].map(([route, handler]) => {
    const [method = "", pathname = ""] = route.split(" ");
    return { method, handler, pattern: new URLPattern({ pathname }) };
  });
  return (method, path) => {
    const matching = all.flatMap((route) => {
      const match = route.pattern.exec({ pathname: path });
      return match ? [{ ...route, parameters: match.pathname.groups }] : [];
    });
    const found = matching.find((route) => route.method === method);
    if (found) return [found.handler, found.parameters as Record<string, string>];
    if (matching.length === 0) throw new Refusal(404, "Not found.");
    const allow = matching.map((route) => route.method).join(", ");
    throw new Refusal(405, `The method must be ${allow}.`, { allow });
  };
}
