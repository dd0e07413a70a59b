/**
 * The part of the page with the current model: download, load, classify.
 * @module
 */
import { button, byId, onClick, onFiles, percent, say } from "./page_elements.ts";
import type { State } from "./state.ts";

/** Sets up the part. */
export function openModel(state: State): void {
  state.onModel(() => {
    const { model } = state;
    if (!model) return;
    const { architecture, imageShape: [channels, height, width] } = model.description;
    const names = model.classes.slice(0, 12).join(", ") + (model.classes.length > 12 ? " …" : "");
    say(
      "model-about",
      `${architecture}, ${model.classes.length} classes (${names}), ${
        channels === 1 ? "grey" : "colour"
      } images of ${width}×${height} pixels`,
    );
    button("download").disabled = false;
  });
  onClick("download", "model-about", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([state.file ?? new Uint8Array()]));
    link.download = "model.safetensors";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
  onFiles("load-model", "model-about", async ([file]) => {
    if (file) await state.useFile(new Uint8Array(await file.arrayBuffer()), file.name);
  });
  onFiles("classify", "model-about", async (files) => {
    const table = byId("results", HTMLTableElement), [body] = table.tBodies;
    for (const file of files) {
      const [prediction] = await state.predict([file]);
      if (!prediction) continue;
      const row = document.createElement("tr");
      row.dataset["probabilities"] = JSON.stringify([...prediction.probabilities]);
      row.append(...[file.name, prediction.className, percent(prediction.probability)].map((text) => {
        const cell = document.createElement("td");
        cell.textContent = text;
        return cell;
      }));
      body?.prepend(row);
    }
    table.hidden = false;
  });
}
