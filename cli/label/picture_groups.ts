/**
 * Groups of pictures that look alike, so that several get a label at once.
 * @module
 */

/** A picture with its place among others. */
export interface PlacedPicture {
  readonly name: string;
  /** The likeliest classes, the most probable first; empty without a network. */
  readonly guesses: readonly { readonly className: string; readonly probability: number }[];
  /** Features of the network, or pixels. */
  readonly features: ArrayLike<number>;
}

/** Largest number of pictures in a group. */
const largestGroup = 6;

/**
 * Divides pictures into groups of up to six with the same guess, each around the first picture that is left, of those
 * that are most similar to it by the cosine of their features.
 */
export function groupPictures<P extends PlacedPicture>(pictures: readonly P[]): P[][] {
  const groups: P[][] = [];
  let left = [...pictures];
  for (let [first] = left; first !== undefined; [first] = left) {
    const center = first, guess = guessOf(center);
    const members = left.slice(1).filter((each) => guessOf(each) === guess)
      .map((picture) => ({ picture, similarity: cosine(center.features, picture.features) }))
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, largestGroup - 1)
      .map(({ picture }) => picture);
    const group = [center, ...members], taken = new Set<P>(group);
    groups.push(group);
    left = left.filter((each) => !taken.has(each));
  }
  return groups.sort((a, b) => compare(guessOf(a[0]), guessOf(b[0])));
}

function guessOf(picture: PlacedPicture | undefined): string {
  return picture?.guesses[0]?.className ?? "";
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Returns the cosine of the angle between two vectors; 0 if one is 0. */
function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let product = 0, squareA = 0, squareB = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? 0, y = b[i] ?? 0;
    product += x * y;
    squareA += x * x;
    squareB += y * y;
  }
  return squareA === 0 || squareB === 0 ? 0 : product / Math.sqrt(squareA * squareB);
}
