/**
 * The part of the page that learns digits.
 * @module
 */
import type { RgbaImage } from "../../browser.ts";
import {
  digitAt,
  digitClasses,
  type Digits,
  digitsData,
  digitSide,
  type DrawnDigit,
  readDigits,
} from "./digits.ts";
import { DrawingPad } from "./drawing_pad.ts";
import { describe, drawCurve } from "./error_curve.ts";
import { button, byId, greyCanvas, guarded, onClick, percent, say, show } from "./page_elements.ts";
import type { State } from "./state.ts";
import { optionsFor, train } from "./training.ts";

/** Sizes of a run; a processor takes smaller images and batches. */
const sizes = {
  gpu: { side: 28, batch: 100, steps: 600, test: 1000 },
  cpu: { side: 16, batch: 40, steps: 300, test: 300 },
} as const;

/** Sets up the part. */
export async function openDigits(state: State): Promise<void> {
  const response = await fetch("digits.bin.gz");
  if (!response.ok) throw new Error(`The digits cannot be loaded: status ${response.status}`);
  const digits = await readDigits(await response.blob()), drawn: DrawnDigit[] = [];
  const select = byId("labels-per-class", HTMLSelectElement);
  const showLabeled = () => showDigits(digits, Number(select.value), drawn);
  select.addEventListener("change", showLabeled);
  showLabeled();
  say("unlabeled-count", `${digits.counts.unlabeled}`);
  setUpLabelPad(drawn, showLabeled);
  setUpTryPad(state);
  let controller = new AbortController();
  onClick("stop-digits", "digits-status", () => controller.abort());
  onClick("train-digits", "digits-status", async () => {
    controller = new AbortController();
    await trainDigits(state, digits, { perClass: Number(select.value), drawn, signal: controller.signal });
  });
}

/** Shows the digits that have a label. */
function showDigits(digits: Digits, perClass: number, drawn: readonly DrawnDigit[]): void {
  const shown = [
    ...Array.from({ length: 10 * perClass }, (_, i) => ({
      canvas: greyCanvas(digitAt(digits, i), digitSide),
      label: digits.labels[i] ?? 0,
    })),
    ...drawn.map(({ image, label }) => ({ canvas: greyCanvas(planeOf(image), digitSide), label })),
  ];
  byId("labeled-digits", HTMLElement).replaceChildren(...shown.map(({ canvas, label }) => {
    const figure = document.createElement("figure"), caption = document.createElement("figcaption");
    caption.textContent = `${label}`;
    figure.append(canvas, caption);
    return figure;
  }));
}

/** Returns the red plane of a grey picture. */
function planeOf({ data }: RgbaImage): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: data.length / 4 }, (_, i) => data[4 * i] ?? 0);
}

function setUpLabelPad(drawn: DrawnDigit[], onChange: () => void): void {
  const pad = new DrawingPad("label-pad"), choice = byId("drawn-class", HTMLSelectElement);
  choice.append(...digitClasses.map((name) => new Option(name)));
  onClick("clear-label-pad", "digits-status", () => pad.clear());
  onClick("add-drawn", "digits-status", () => {
    const image = pad.digit();
    if (!image) throw new Error("Draw a digit first.");
    drawn.push({ image, label: Number(choice.value) });
    choice.selectedIndex = (choice.selectedIndex + 1) % digitClasses.length;
    pad.clear();
    onChange();
  });
}

function setUpTryPad(state: State): void {
  const list = byId("guesses", HTMLElement);
  const knowsDigits = () => `${state.model?.classes}` === `${digitClasses}`;
  const guess = async () => {
    const image = pad.digit(), { model } = state;
    if (!image || !model || !knowsDigits()) return list.replaceChildren();
    const [prediction] = await state.predict([image]);
    if (!prediction) return;
    const ranked = [...prediction.probabilities].map((probability, i) => ({
      probability,
      name: model.classes[i] ?? "",
    }))
      .sort((a, b) => b.probability - a.probability).slice(0, 3);
    list.replaceChildren(...ranked.map(({ name, probability }) => {
      const item = document.createElement("li"), meter = document.createElement("meter");
      meter.value = probability;
      meter.setAttribute("aria-label", `probability of ${name}`);
      item.append(`${name}: ${percent(probability)}`, meter);
      return item;
    }));
  };
  const pad = new DrawingPad("try-pad", () => void guarded("try-hint", guess));
  onClick("clear-try-pad", "try-hint", () => {
    pad.clear();
    list.replaceChildren();
  });
  state.onModel(() => {
    say("try-hint", knowsDigits() ? "Draw on the pad." : "The present model does not know the digits.");
    void guarded("try-hint", guess);
  });
}

/** Trains on digits, and makes the teacher the current model. */
async function trainDigits(
  state: State,
  digits: Digits,
  { perClass, drawn, signal }: {
    readonly perClass: number;
    readonly drawn: readonly DrawnDigit[];
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const size = state.device.isCpu ? sizes.cpu : sizes.gpu;
  const data = await digitsData(digits, { perClass, drawn, ...size });
  const labeled = 10 * perClass + drawn.length;
  if (labeled === 0) throw new Error("Draw some labelled digits first.");
  const withBaseline = byId("with-baseline", HTMLInputElement).checked;
  const options = optionsFor({ labeled, unlabeled: digits.counts.unlabeled, ...size });
  const progress = byId("digits-progress", HTMLProgressElement);
  const setBusy = (isBusy: boolean) => {
    button("train-digits").disabled = isBusy;
    show("stop-digits", isBusy);
    progress.hidden = !isBusy;
    progress.value = 0;
  };
  setBusy(true);
  try {
    say("digits-status", "Compiling shaders …");
    const checkpoint = await train(state.device, data, options, {
      signal,
      withBaseline,
      onProgress: (share) => {
        progress.value = share;
        say("digits-status", `Training: ${percent(share)} of ${size.steps} steps`);
      },
      onErrors: (errors) => drawCurve(errors, size.steps),
    });
    await state.useCheckpoint(checkpoint);
    say("digits-status", signal.aborted ? "Stopped; the teacher so far is the model." : lastErrors());
  } finally {
    setBusy(false);
  }
}

/** Returns the sentence of the curve. */
function lastErrors(): string {
  return byId("curve", HTMLElement).querySelector("svg")?.getAttribute("aria-label") ?? describe([]);
}
