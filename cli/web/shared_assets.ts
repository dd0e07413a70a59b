/**
 * Files that all pages use.
 * @module
 */
import style from "../report/page.css" with { type: "text" };
import connection from "./page/connection.js" with { type: "text" };

/**
 * Texts by path: the colours and elements of the report, and the connection to the command. Scripts have the paths of
 * their files in `cli/`, so that their imports of each other are those of the files.
 */
export const sharedAssets: Readonly<Record<string, string>> = {
  "/report.css": style,
  "/web/page/connection.js": connection,
};
