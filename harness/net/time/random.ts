/**
 * Seeded random numbers: the same seed gives the same sequence on every machine. Named streams are
 * independent of each other, so a new consumer with a new name does not shift the others.
 *
 * Generator: sfc32 (Chris Doty-Humphrey, PractRand), seeded by a 128-bit mix of seed and name
 * (cyrb128 by bryc, public domain). Not for secrets.
 *
 * @example
 * const random = new SeededRandom(1);
 * const ports = random.stream("client/ports");
 * ports.below(28232);
 */

import type { Random } from "../../../proxy/host.ts";

/** sfc32 is mixed well after this many rounds. */
const WARM_UP = 15;

export class SeededRandom implements Random {
  readonly #seed: number;
  readonly #path: string;
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(seed: number, path = "") {
    this.#seed = seed;
    this.#path = path;
    [this.#a, this.#b, this.#c, this.#counter] = mix(`${seed}:${path}`);
    for (let round = 0; round < WARM_UP; round++) this.word();
  }

  /** A separate generator: always the same for this seed, this generator's path and this name. */
  stream(name: string): SeededRandom {
    return new SeededRandom(this.#seed, `${this.#path}/${name}`);
  }

  /** 32 random bits. */
  word(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** Uniform without bias: words in the incomplete last span are thrown away. */
  below(below: number): number {
    if (!(below >= 1 && below <= 2 ** 32)) throw new RangeError(`below must be 1 … 2^32, not ${below}`);
    const span = 2 ** 32 - (2 ** 32 % below);
    for (;;) {
      const word = this.word();
      if (word < span) return word % below;
    }
  }

  /** True with this probability, 0 … 1. */
  chance(probability: number): boolean {
    return this.word() < probability * 2 ** 32;
  }
}

function mix(text: string): [number, number, number, number] {
  let h1 = 1779033703;
  let h2 = 3144134277;
  let h3 = 1013904242;
  let h4 = 2773480762;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    h1 = h2 ^ Math.imul(h1 ^ code, 597399067);
    h2 = h3 ^ Math.imul(h2 ^ code, 2869860233);
    h3 = h4 ^ Math.imul(h3 ^ code, 951274213);
    h4 = h1 ^ Math.imul(h4 ^ code, 2716044179);
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597399067);
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2869860233);
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951274213);
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2716044179);
  return [h1, h2, h3, h4];
}
