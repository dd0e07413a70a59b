// @ts-check
/**
 * Hints on what to do next.
 * @module
 */

/**
 * Returns what to do next; an empty text if the user knows by now.
 * @param {any} state State of the command.
 * @param {number} left Number of pictures that have no label here.
 * @param {boolean} isFresh True if a round has ended since the pictures were chosen.
 * @returns {string}
 */
export function nextStep(state, left, isFresh) {
  if (state.batch.groups.length === 0) return "";
  if (state.classes.length === 0) {
    return state.takesClasses
      ? "What does this picture show? Press +, type a name for its class, and press Enter. From then on, a key gives a picture this class."
      : "";
  }
  if (isFresh) return "The network has learnt: press ] for the pictures that it is unsure of now.";
  if (left > 0) return "";
  if (state.training !== null) {
    return "All labelled here. Press ] to go on with other pictures while it trains.";
  }
  return state.obstacle === null
    ? "All labelled here. Press Ctrl+Enter to train with these labels, or ] for more pictures first."
    : `All labelled here: press ] for more pictures. ${state.obstacle}`;
}

/**
 * Returns where labels and model are, and how to continue later.
 * @param {{ files: readonly string[], model: string | null }} state
 * @returns {string}
 */
export function placesText({ files, model }) {
  const labels = `Labels are saved at once to ${files.join(" and ")}.`;
  const trained = model === null
    ? ""
    : ` The newest model is in ${model}; at the end, the terminal prints how to classify pictures with it.`;
  return `${labels}${trained} Ctrl-C in the terminal ends; the same command continues here.`;
}
