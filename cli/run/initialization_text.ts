/**
 * The text about the weights that a run starts with.
 * @module
 */
import { groupDigits, parameterCount, stateOf } from "../../nn/mod.ts";
import type { Trainer } from "../../semisup/mod.ts";
import { someOf } from "../../data/internal.ts";

/** Describes what was loaded, what was not, and what is trained; undefined if the run loaded nothing. */
export function describeInitialization(trainer: Trainer): string | undefined {
  const { initialization, algorithm: { student }, options: { freeze, initLrFactor } } = trainer;
  if (!initialization) return undefined;
  const { weights: { source, origin, channelStatistics }, match } = initialization;
  const total = Object.keys(stateOf(student)).length;
  const prefix = match.prefix === "" ? "" : `, names without ${match.prefix}`;
  const counters = match.batchCounters === 0 ? [] : [`${match.batchCounters} batch counters`];
  const trained = groupDigits(parameterCount(student));
  const lines: readonly (readonly [name: string, text: string])[] = [
    ["file", `${origin}${prefix}`],
    ["loaded", `${match.values.size} of ${total} variables, into student and teacher`],
    ...match.drawnHeads.map(({ name, reason }) => ["drawn anew", `${name}: ${reason}`] as const),
    [
      "not used",
      [...match.unused.length > 0 ? [someOf(match.unused)] : [], ...counters].join("; ") || "nothing",
    ],
    [
      "pixels",
      channelStatistics
        ? `normalised as those of the weights: mean ${show(channelStatistics.mean)}, deviation ${
          show(channelStatistics.standardDeviation)
        }`
        : "normalised with the statistics of these images",
    ],
    ...(freeze === null ? [] : [
      [
        "frozen",
        freeze === "features" ? "all features" : `${freeze} of the stages, counted from the images`,
      ] as const,
    ]),
    [
      "trained",
      `${trained} weights${
        initLrFactor === 1 ? "" : `; the loaded ones at ${initLrFactor} of the learning rate`
      }`,
    ],
  ];
  return [`Start from ${source}:`, ...lines.map(([name, text]) => `  ${name.padEnd(12)}${text}`)].join("\n");
}

function show(values: readonly number[]): string {
  return values.map((value) => Number(value.toPrecision(3))).join(" ");
}
