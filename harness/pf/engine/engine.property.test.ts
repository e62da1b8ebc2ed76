/**
 * Properties of the engine under any rules and any packets.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRuleset } from "../language/parse.ts";
import { Firewall, newNotes } from "./firewall.ts";
import type { Walk } from "./rules/evaluate.ts";
import { type Arrival, INTERFACES, rulesetText, storm } from "./storm.fixture.ts";

const RUNS = { numRuns: 200 };

class Play {
  ms = 1_000_000;
  readonly firewall: Firewall;

  constructor(text: string, walk: Walk = "skip-steps") {
    let seed = 3;
    this.firewall = new Firewall({
      interfaces: INTERFACES,
      now: () => this.ms,
      random: (below) => {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        return Math.floor((seed / 2 ** 32) * below);
      },
      walk,
    });
    const { ruleset, accepted, stderr } = parseRuleset(text, { interfaces: INTERFACES });
    if (!accepted) throw new Error(`${stderr.join("; ")}\n${text}`);
    this.firewall.load("", ruleset);
    for (const child of ["y/2", "y/10"]) {
      const inner = parseRuleset(`pass in proto tcp to port 80 tag A\nmatch proto udp tag ${child.length}\n`, {
        interfaces: INTERFACES,
      });
      this.firewall.load(child, inner.ruleset);
    }
  }

  run(arrivals: readonly Arrival[]) {
    return arrivals.map(({ direction, interface: name, packet, after }) => {
      this.ms += after;
      return this.firewall.test(direction, name, packet, newNotes());
    });
  }

  evaluations(): number[] {
    return ["", ...this.firewall.anchors()].flatMap((path) =>
      (this.firewall.rules(path) ?? []).map(({ evaluations }) => evaluations),
    );
  }
}

test("jumping over rules changes neither decisions nor the Evaluations counted", () => {
  fc.assert(
    fc.property(rulesetText, storm, (text, arrivals) => {
      const jumping = new Play(text);
      const plain = new Play(text, "plain");
      expect(JSON.stringify(jumping.run(arrivals))).toBe(JSON.stringify(plain.run(arrivals)));
      expect(jumping.evaluations()).toEqual(plain.evaluations());
    }),
    RUNS,
  );
});

test("every state is found by both its keys, and counted by its rules, until it is gone; then nothing of it is left", () => {
  fc.assert(
    fc.property(rulesetText, storm, (text, arrivals) => {
      const play = new Play(text);
      play.run(arrivals);
      const { stateTable } = play.firewall;
      for (const state of play.firewall.states()) {
        expect(stateTable.keyLike(state.wire)?.states).toContain(state);
        expect(stateTable.keyLike(state.stack)?.states).toContain(state);
        expect(state.rule.states).toBeGreaterThan(0);
      }
      // Two days: longer than any timeout. The purge takes the rest in two seconds.
      play.ms += 2 * 86_400_000;
      play.firewall.purge();
      play.ms += 2000;
      play.firewall.purge();
      expect(stateTable.size).toBe(0);
      for (const path of ["", ...play.firewall.anchors()]) {
        for (const rule of play.firewall.rules(path) ?? []) expect(rule.states).toBe(0);
      }
      expect(play.firewall.sources.list().every(({ states }) => states === 0)).toBe(true);
    }),
    RUNS,
  );
});

test("no two states that could see the same packet have the same key", () => {
  fc.assert(
    fc.property(rulesetText, storm, (text, arrivals) => {
      const play = new Play(text);
      for (const arrival of arrivals) {
        play.run([arrival]);
        const seen = new Set<string>();
        for (const { wire, stack, direction, interface: name, timeout } of play.firewall.states()) {
          if (timeout === "purge") continue;
          for (const [side, key] of [
            ["wire", wire],
            ["stack", stack],
          ] as const) {
            const { protocol, rdomain, address0, port0, address1, port1 } = key;
            const ends = `${protocol} ${rdomain} ${address0} ${port0} ${address1} ${port1}`;
            const text = `${side} ${direction} ${name} ${ends}`;
            expect(seen.has(text), text).toBe(false);
            seen.add(text);
          }
        }
      }
    }),
    RUNS,
  );
});

test("what passes unchanged is the very packet; what is dropped names a reason", () => {
  fc.assert(
    fc.property(rulesetText, storm, (text, arrivals) => {
      const decisions = new Play(text).run(arrivals);
      decisions.forEach((decision, index) => {
        const arrival = arrivals[index];
        if (decision.verdict === "drop") expect(decision.reason).not.toBe("");
        else if (JSON.stringify(decision.packet) === JSON.stringify(arrival?.packet)) {
          expect(decision.packet).toEqual(arrival?.packet);
        } else {
          // Translation, or a FIN taken off a SYN, or modulated sequence numbers: never another protocol or payload.
          expect(decision.packet.protocol).toBe(arrival?.packet.protocol);
          expect(decision.packet.payload).toEqual(arrival?.packet.payload);
        }
      });
    }),
    RUNS,
  );
});
