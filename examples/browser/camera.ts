/**
 * The camera: pictures to learn from, and live predictions.
 * @module
 */
import { type OwnPicture, readOwnPicture } from "./own_pictures.ts";
import { button, byId, onClick, percent, say, show } from "./page_elements.ts";
import type { State } from "./state.ts";

/** Time between two live predictions, in ms. */
const pause = 200;

/** Sets up the camera. @param onPicture Receives each picture that is taken. */
export function openCamera(state: State, status: string, onPicture: (picture: OwnPicture) => void): void {
  const video = byId("video", HTMLVideoElement);
  let stream: MediaStream | undefined, count = 0;
  onClick("start-camera", status, async () => {
    if (!navigator.mediaDevices) throw new Error("The browser gives no access to a camera here.");
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.srcObject = stream;
    await video.play();
    show("camera");
    button("start-camera").disabled = true;
    await predictLive();
  });
  onClick("shoot", status, async () => onPicture(await readOwnPicture(`camera ${++count}`, video)));
  onClick("stop-camera", status, () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = undefined;
    show("camera", false);
    button("start-camera").disabled = false;
  });
  const predictLive = async () => {
    while (stream) {
      const isFree = !["train-own", "train-digits"].some((id) => button(id).disabled);
      // While the GPU trains, predictions would slow it down.
      if (isFree && state.model?.description.imageShape[0] === 3) {
        const [prediction] = await state.predict([video]);
        if (prediction) say("live", `${prediction.className} ${percent(prediction.probability)}`);
      } else say("live", "");
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  };
}
