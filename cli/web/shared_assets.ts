/**
 * Files that all pages use.
 * @module
 */
import style from "../report/page.css" with { type: "text" };
import connection from "./page/connection.js" with { type: "text" };

/** Texts by path: the colours and elements of the report, and the connection to the command. */
export const sharedAssets: Readonly<Record<string, string>> = {
  "/report.css": style,
  "/connection.js": connection,
};
