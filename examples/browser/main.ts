/**
 * The page: trains in the visitor's browser.
 * @module
 */
import { openDigits } from "./digits_page.ts";
import { openModel } from "./model_page.ts";
import { openOwnPictures } from "./own_page.ts";
import { guarded, say, show } from "./page_elements.ts";
import { State } from "./state.ts";

/** Returns why the browser cannot compute; undefined if it may be able to. */
function missingReason(): string | undefined {
  if (!isSecureContext) {
    return "The page was not opened by https:// or from localhost, so browsers hide WebGPU from it.";
  }
  if (!("gpu" in navigator)) return "This browser has no WebGPU, or it is turned off.";
  return undefined;
}

async function main(): Promise<void> {
  let state: State;
  try {
    const reason = missingReason();
    if (reason !== undefined) throw new Error(reason);
    state = await State.create();
  } catch (error) {
    // The advice of the library is for computers where programs are installed.
    const [reason] = (error instanceof Error ? error.message : `${error}`).split("\n");
    say("adapter", "");
    say(
      "missing-reason",
      reason?.startsWith("Cannot use a GPU") ? "WebGPU is there, but finds no GPU." : reason ?? "",
    );
    show("missing");
    return;
  }
  const { name, isCpu } = state.device;
  say(
    "adapter",
    `Computing on ${name}${isCpu ? ", a processor: digits are made smaller to be faster" : ""}.`,
  );
  show("parts");
  show("app");
  openModel(state);
  openOwnPictures(state);
  await guarded("digits-status", () => openDigits(state));
}

await main();
