/**
 * The part of the page that learns the visitor's own classes.
 * @module
 */
import { openCamera } from "./camera.ts";
import {
  droppedFiles,
  type OwnPicture,
  ownSide,
  picturesAmong,
  readOwnPicture,
  trainingData,
} from "./own_pictures.ts";
import { button, byId, guarded, onClick, onFiles, percent, say, show } from "./page_elements.ts";
import type { State } from "./state.ts";
import { optionsFor, train } from "./training.ts";

const status = "own-status";
/** Steps and pictures of a batch. */
const sizes = { gpu: { steps: 400, batch: 64 }, cpu: { steps: 80, batch: 24 } } as const;

/** Classes, pictures and the state of the part. */
class OwnPage {
  readonly #state: State;
  readonly #classes: string[] = [];
  readonly #pictures: OwnPicture[] = [];
  #chosen = 0;
  #controller = new AbortController();

  constructor(state: State) {
    this.#state = state;
  }

  addClass(name: string): void {
    const trimmed = name.trim();
    if (trimmed === "" || this.#classes.includes(trimmed)) throw new Error("Write a new name.");
    this.#chosen = this.#classes.push(trimmed) - 1;
    this.showClasses();
  }

  showClasses(): void {
    byId("classes", HTMLElement).replaceChildren(...this.#classes.map((name, index) => {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.textContent = name;
      chip.setAttribute("aria-pressed", `${index === this.#chosen}`);
      chip.addEventListener("click", () => {
        this.#chosen = index;
        this.showClasses();
      });
      return chip;
    }));
  }

  /** Adds pictures; those that cannot be decoded are named. */
  async addFiles(files: readonly File[]): Promise<void> {
    const chosen = picturesAmong(files), bad: string[] = [];
    for (const [i, file] of chosen.entries()) {
      if (i % 20 === 0) say(status, `Reading ${i + 1} of ${chosen.length} pictures …`);
      try {
        this.add(await readOwnPicture(file.name, file));
      } catch {
        bad.push(file.name);
      }
    }
    const left = bad.length > 0
      ? ` Not decoded: ${bad.slice(0, 5).join(", ")}${bad.length > 5 ? " …" : ""}.`
      : "";
    say(status, `${chosen.length - bad.length} pictures added.${left}`);
  }

  /** Adds and shows a picture. */
  add(picture: OwnPicture): void {
    this.#pictures.push(picture);
    const element = document.createElement("button"), text = document.createElement("span");
    element.type = "button";
    element.append(picture.thumbnail, text);
    element.addEventListener("click", () => {
      if (this.#classes.length === 0) return say(status, "Name a class first.");
      picture.label = picture.label === this.#chosen ? null : this.#chosen;
      this.#showLabel(picture, element);
    });
    byId("pictures", HTMLElement).append(element);
    this.#showLabel(picture, element);
  }

  #showLabel({ label, name }: OwnPicture, element: HTMLElement, guess?: string): void {
    const shown = label === null ? guess ?? "no label" : `✓ ${this.#classes[label]}`;
    element.classList.toggle("labeled", label !== null);
    element.setAttribute("aria-label", `${name}: ${shown}`);
    const [text] = element.getElementsByTagName("span");
    if (text) text.textContent = shown;
    const labeled = this.#pictures.filter((each) => each.label !== null).length;
    say("own-count", `${this.#pictures.length} pictures, ${labeled} with a label.`);
  }

  stop(): void {
    this.#controller.abort();
  }

  /** Trains on the pictures, and shows what the model says of those without a label. */
  async train(): Promise<void> {
    const data = trainingData(this.#pictures, this.#classes), { device } = this.#state;
    const labeled = this.#pictures.filter(({ label }) => label !== null).length;
    const unlabeled = this.#pictures.length - labeled;
    if (unlabeled < 2) throw new Error("Add pictures without a label: the method learns from them too.");
    const size = device.isCpu ? sizes.cpu : sizes.gpu;
    const options = {
      ...optionsFor({ labeled, unlabeled, side: ownSide, ...size }),
      flip: true,
    };
    this.#controller = new AbortController();
    const progress = byId("own-progress", HTMLProgressElement);
    this.#setBusy(true);
    try {
      say(status, "Compiling shaders …");
      const checkpoint = await train(device, data, options, {
        signal: this.#controller.signal,
        onProgress: (share) => {
          progress.value = share;
          say(status, `Training: ${percent(share)} of ${size.steps} steps`);
        },
      });
      await this.#state.useCheckpoint(checkpoint);
      await this.#showGuesses();
      say(status, "Trained. The pictures show what the model says of them; the camera shows it live.");
    } finally {
      this.#setBusy(false);
    }
  }

  #setBusy(isBusy: boolean): void {
    button("train-own").disabled = isBusy;
    show("stop-own", isBusy);
    show("own-progress", isBusy);
  }

  async #showGuesses(): Promise<void> {
    const elements = [...byId("pictures", HTMLElement).children];
    const images = this.#pictures.map(({ planes }) => ({ planes, width: ownSide, height: ownSide }));
    const predictions = await this.#state.predict(images);
    this.#pictures.forEach((picture, i) => {
      const element = elements[i], prediction = predictions[i];
      if (!(element instanceof HTMLElement) || !prediction) return;
      this.#showLabel(picture, element, `${prediction.className} ${percent(prediction.probability)}`);
    });
  }
}

/** Sets up the part. */
export function openOwnPictures(state: State): void {
  const page = new OwnPage(state);
  byId("add-class-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const input = byId("new-class", HTMLInputElement);
    void guarded(status, () => {
      page.addClass(input.value);
      input.value = "";
    });
  });
  const add = (files: readonly File[]) => page.addFiles(files);
  onFiles("choose-pictures", status, add);
  onFiles("choose-folder", status, add);
  const area = byId("drop", HTMLElement);
  addEventListener("dragover", (event) => {
    event.preventDefault();
    area.classList.add("over");
  });
  addEventListener("dragleave", () => area.classList.remove("over"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    area.classList.remove("over");
    const { dataTransfer } = event;
    if (dataTransfer) void guarded(status, async () => page.addFiles(await droppedFiles(dataTransfer)));
  });
  onClick("train-own", status, () => page.train());
  onClick("stop-own", status, () => page.stop());
  openCamera(state, status, (picture) => page.add(picture));
}
