/**
 * Results of benchmark cases, and their lines.
 * @module
 */

/** Result of one case. */
export interface Row {
  readonly name: string;
  readonly milliseconds: number;
  readonly gflops?: number;
  readonly gbps?: number;
  /** Fraction of the peak speed that limits the case: the median of both, measured in turn. */
  readonly share?: number;
  /** Duration of a step's JavaScript from its inputs to its submit, in milliseconds. */
  readonly hostMilliseconds?: number;
  /** Bytes of a step on the device, without variables. */
  readonly bytes?: number;
  /** Lower bound of these bytes for any memory plan. */
  readonly lowerBoundBytes?: number;
  readonly device: string;
}

/** Prints a row as one line. */
export function printRow(row: Row): void {
  const name = row.name.padEnd(66), time = row.milliseconds.toFixed(3).padStart(10);
  console.log(`${name} ${time} ms ${formatRate(row).padStart(15)} ${formatShare(row).padStart(6)}`);
}

function formatRate({ gflops, gbps, hostMilliseconds }: Row): string {
  if (gflops !== undefined) return `${gflops.toFixed(1)} GFLOP/s`;
  if (gbps !== undefined) return `${gbps.toFixed(2)} GB/s`;
  return hostMilliseconds === undefined ? "" : `host ${hostMilliseconds.toFixed(2)} ms`;
}

function formatShare({ share, bytes, lowerBoundBytes }: Row): string {
  if (share !== undefined) return `${(100 * share).toFixed(0)} %`;
  if (bytes === undefined || lowerBoundBytes === undefined) return "";
  const toMebibytes = (size: number) => (size / 2 ** 20).toFixed(0);
  return `${toMebibytes(bytes)} MiB, bound ${toMebibytes(lowerBoundBytes)}`;
}
