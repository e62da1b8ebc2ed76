/** A run of as many plays as wanted, out of the sample's, for sizes and times: each differs in its id, ports and seed. */
import type { PlayResult, RunResult } from "../model.ts";
import { sampleRun } from "./sample-run.ts";

const columns = [
  ["core", "inet", "forward"],
  ["core", "inet", "reverse"],
  ["core", "inet6", "forward"],
  ["core", "inet6", "reverse"],
  ["none", "inet", "forward"],
] as const;

export function manyPlays(count: number): RunResult {
  const patterns = sampleRun.plays.slice(0, 4);
  const plays = Array.from({ length: count }, (_, index): PlayResult => {
    const [subject, family, side] = columns[index % columns.length]!;
    const number = Math.floor(index / columns.length);
    const pattern = patterns[number % patterns.length]!;
    const scenario = { ...pattern.scenario, id: `${pattern.scenario.category}/case-${number}` };
    const id = `${scenario.id}@${subject},sim,${family},${side}`;
    // Ports differ from play to play as they do in a real run: compression gets nothing for free.
    const text = JSON.stringify(pattern.timeline).replaceAll(
      /6039\d|5055\d|4999\d/g,
      (port) => `${+port - (index % 9000)}`,
    );
    return { ...pattern, id, scenario, subject, family, side, seed: index, timeline: JSON.parse(text) };
  });
  return { ...sampleRun, plays };
}
