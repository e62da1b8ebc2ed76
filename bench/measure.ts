/**
 * How benchmarks measure: several rounds after a warm-up. Each figure has a minimum, a median and a maximum, which
 * shows the machine's noise. Trust ratios within one run more than any figure alone.
 */

export interface Measurement {
  /** The measured work and its object. */
  readonly name: string;
  /** `plays/s`, `ns`, `MB/s` … */
  readonly unit: string;
  readonly min: number;
  readonly median: number;
  readonly max: number;
  /** A figure or fact for comparison. */
  readonly note?: string;
}

/** A benchmark file's default export. */
export type Benchmark = (options: { readonly quick: boolean }) => Measurement[] | Promise<Measurement[]>;

export function summarise(name: string, unit: string, values: readonly number[], note?: string): Measurement {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
  return { name, unit, min: at(0), median, max: at(sorted.length - 1), ...(note === undefined ? {} : { note }) };
}

/** Calls `round` once to warm up and then `rounds` times. `round` answers its number of items. Per second. */
export async function rate(
  name: string,
  unit: string,
  rounds: number,
  round: () => number | Promise<number>,
  note?: string,
): Promise<Measurement> {
  await round();
  const values: number[] = [];
  for (let index = 0; index < rounds; index++) {
    const start = performance.now();
    const count = await round();
    values.push((count * 1000) / (performance.now() - start));
  }
  return summarise(name, unit, values, note);
}
