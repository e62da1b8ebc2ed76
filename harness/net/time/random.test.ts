import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "./random.ts";

const take = (random: SeededRandom, count: number): number[] => Array.from({ length: count }, () => random.word());

describe("seeded random", () => {
  it("repeats for one seed and differs for another", () => {
    expect(take(new SeededRandom(7), 20)).toEqual(take(new SeededRandom(7), 20));
    expect(take(new SeededRandom(7), 20)).not.toEqual(take(new SeededRandom(8), 20));
  });

  it("has streams that a new neighbour does not shift", () => {
    const alone = take(new SeededRandom(7).stream("client"), 20);
    const root = new SeededRandom(7);
    take(root.stream("newcomer"), 5);
    root.word();
    expect(take(root.stream("client"), 20)).toEqual(alone);
    expect(take(root.stream("client").stream("ports"), 20)).not.toEqual(alone);
  });

  it("stays below its limit, up to 2^32", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 32 }), (seed, limit) => {
        const value = new SeededRandom(seed).below(limit);
        return Number.isInteger(value) && value >= 0 && value < limit;
      }),
    );
    expect(() => new SeededRandom(1).below(0)).toThrow(RangeError);
  });

  it("is spread evenly: a hundred thousand throws of a die", () => {
    const random = new SeededRandom(1);
    const faces = [0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 100_000; i++) faces[random.below(6)]!++;
    // Chi-square with 5 degrees of freedom: beyond 25 once in ten thousand seeds.
    const chiSquare = faces.reduce((sum, face) => sum + (face - 100_000 / 6) ** 2 / (100_000 / 6), 0);
    expect(chiSquare).toBeLessThan(25);
  });
});
