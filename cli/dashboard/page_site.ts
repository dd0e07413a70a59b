/**
 * The site of the dashboard: its page, and the events that fill it.
 * @module
 */
import { reasonOf } from "../command/reason.ts";
import { html } from "../report/html.ts";
import { printWarning } from "../terminal/output.ts";
import type { Site } from "../web/routes.ts";
import { sharedAssets } from "../web/shared_assets.ts";
import type { Board } from "./board.ts";
import style from "./page/dashboard.css" with { type: "text" };
import script from "./page/dashboard.js" with { type: "text" };

const page = html`
  <!doctype html>
  <html lang="en">
    <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>Dashboard – Mean Teacher</title>
      <link rel="stylesheet" href="report.css">
      <link rel="stylesheet" href="dashboard.css">
      <link rel="icon" href="data:,">
      <script type="module" src="dashboard/page/dashboard.js"></script>
    </head>
    <body>
      <div id="live" hidden>
        <div class="row">
          <b id="state" role="status"></b>
          <span id="name"></span>
          <span class="buttons">
            <button type="button" id="pause">Pause</button>
            <button type="button" id="checkpoint">Checkpoint now</button>
            <button type="button" id="stop">Stop</button>
          </span>
        </div>
        <progress id="bar" max="1" value="0" aria-label="Progress of training"></progress>
        <dl id="figures"></dl>
        <p id="answer" role="status"></p>
      </div>
      <p id="connection" class="warning" role="alert" hidden></p>
      <main id="main">
        <p class="missing">The run is being prepared …</p>
      </main>
    </body>
  </html>
`;

/** Returns a function that refreshes, and prints the first of several failures in a row instead of throwing them. */
export function withWarning(refresh: () => Promise<void>): () => Promise<void> {
  let isBroken = false;
  return async () => {
    try {
      await refresh();
      isBroken = false;
    } catch (error) {
      if (!isBroken) printWarning(`The dashboard cannot be drawn: ${reasonOf(error)}`);
      isBroken = true;
    }
  };
}

/**
 * Returns the site.
 * @param refresh Brings the board up to date before a page is connected.
 * @param routes Further routes.
 */
export function dashboardSite(
  board: Board,
  refresh: () => Promise<void>,
  routes: Site["routes"] = {},
): Site {
  return {
    assets: {
      ...sharedAssets,
      "/": page.text.trimStart(),
      "/dashboard.css": style,
      "/dashboard/page/dashboard.js": script,
    },
    // Shares of bars in tables are attributes of style.
    policy: { "style-src-attr": "'unsafe-inline'" },
    routes: {
      ...routes,
      "GET /events": async () => {
        await refresh();
        return board.channel.connect();
      },
    },
    onError: (error) => printWarning(`The dashboard failed: ${reasonOf(error)}`),
  };
}
