/**
 * Responses, with the headers that all of them have.
 * @module
 */
import type { Refusal } from "./refusal.ts";

/** Types of assets by the ending of their path. */
const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml; charset=utf-8",
};

/** Directives of the content security policy by name. */
export type Policy = Readonly<Record<string, string>>;

/** Policy of all pages: nothing inline, nothing from elsewhere, no frames around or inside. */
const policy: Policy = {
  "default-src": "'none'",
  "script-src": "'self'",
  "style-src": "'self'",
  "img-src": "'self' data: blob:",
  "connect-src": "'self'",
  "form-action": "'none'",
  "base-uri": "'none'",
  "frame-ancestors": "'none'",
};

/** Returns the headers of all responses. @param changes Directives of the policy that replace the default. */
export function securityHeaders(changes: Policy): Readonly<Record<string, string>> {
  const directives = Object.entries({ ...policy, ...changes });
  return {
    "content-security-policy": directives.map((directive) => directive.join(" ")).join("; "),
    "cache-control": "no-store",
    // The address with the token stays on the page.
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
  };
}

/** Returns a text as an asset. @param name Name of the file, whose ending decides the type. */
export function assetResponse(name: string, text: string): Response {
  const ending = /\.[a-z]+$/.exec(name)?.[0] ?? "";
  return new Response(text, { headers: { "content-type": types[ending] ?? "text/plain; charset=utf-8" } });
}

/** Returns the response to a refused request: its reason as text. */
export function refusalResponse({ status, message, headers }: Refusal): Response {
  return new Response(`${message}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  });
}
