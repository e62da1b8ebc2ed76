/**
 * Each packet is lost with the same probability.
 *
 * @example
 * link.install(loss({ probability: 0.05 }));
 */

import { DROP, type Fault, PASS } from "./fault.ts";

export function loss({ probability }: { readonly probability: number }): Fault {
  return { name: "loss", judge: (_packet, { random }) => (random.chance(probability) ? DROP : PASS) };
}
