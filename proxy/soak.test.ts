import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { ScriptedHost } from "../harness/labs/sim/scripted-host.ts";
import { SeededRandom } from "../harness/net/time/random.ts";
import { startProxy } from "./daemon.ts";
import type { Connection, Random } from "./host.ts";
import { proxyOptions } from "./options.ts";
import { AnchorTable, failed, type LoadOutcome } from "./pf/packet-filter.ts";
import { toBytes } from "./session/octets.ts";

const sessions = 500;
const minutes = 7;

/** A firewall that is slow, and refuses now and then. */
class FaultyTable extends AnchorTable {
  readonly #host: ScriptedHost;
  readonly #random: Random;

  constructor(host: ScriptedHost, random: Random) {
    super();
    this.#host = host;
    this.#random = random;
  }

  override async load(anchor: string, rules: string): Promise<LoadOutcome> {
    await new Promise<void>((resolve) => this.#host.clock.after(this.#random.below(40), resolve));
    return this.#random.below(20) === 0 ? failed("commit", "Device busy") : super.load(anchor, rules);
  }
}

const commands = [
  "USER ftp",
  "PASV",
  "EPSV",
  "PORT 10,0,0,2,200,16",
  "EPRT |1|10.0.0.2|51216|",
  "NOOP",
  "RETR a",
  "PORT bad",
];
const replies = [
  "220 hi",
  "200 ok",
  "227 x (198,51,100,9,195,80)",
  "229 x (|||50000|)",
  "226 done",
  "150 go",
  "227 bad",
];

/** One end of a control connection that talks, falls silent, stops reading, hangs up or breaks. */
function live(host: ScriptedHost, random: Random, connection: Connection, words: readonly string[]): void {
  let alive = true;
  connection.handle({
    onData: () => {},
    onEnd: () => {
      connection.end();
      alive = false;
    },
    onClose: () => {
      alive = false;
    },
  });
  const act = () => {
    if (!alive) return;
    const word = words[random.below(words.length)] ?? "";
    switch (random.below(40)) {
      case 0:
        connection.reset();
        return;
      case 1:
        connection.end();
        return;
      case 2:
        connection.pause();
        break;
      case 3:
        connection.write(toBytes(word.slice(0, random.below(word.length + 1))));
        break;
      case 4:
        connection.write(toBytes(`${"x".repeat(random.below(600))}\r\n`));
        break;
      case 5:
        return;
      default:
        connection.write(toBytes(`${word}\r\n`));
    }
    host.clock.after(200 + random.below(3000), act);
  };
  host.clock.after(random.below(500), act);
}

function heapUsed(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed;
}

describe(`${sessions} sessions at once for ${minutes} simulated minutes with random faults`, () => {
  it("leave no rule, lose no session, and memory stays flat", async () => {
    const random = new SeededRandom(20_261_123);
    const host = new ScriptedHost({ addresses: ["198.51.100.1"], random });
    host.log = () => {};
    const table = new FaultyTable(host, random);
    host.onDial = (dialled) => {
      const fate = random.below(20);
      if (fate === 0) dialled.refuse("EHOSTUNREACH");
      else if (fate === 1) host.clock.after(30, () => dialled.refuse("ECONNREFUSED"));
      else if (fate > 2) {
        dialled.accept((server) => live(host, random, server, replies));
      }
    };
    const options = proxyOptions({ pid: 4711, maxSessions: sessions, timeout: 60, logLevel: 7 });
    const proxy = await startProxy(host, options, table);
    let port = 1024;
    let arrivals = 0;
    const arrive = () => {
      for (let missing = sessions - proxy.sessions; missing > 0; missing--) {
        port = port === 65_535 ? 1024 : port + 1;
        const client = host.arrive({ address: "10.0.0.2", port }, { address: "198.51.100.9", port: 21 });
        if (client === undefined) return;
        arrivals++;
        live(host, random, client, commands);
      }
      host.clock.after(250, arrive);
    };
    arrive();
    const heap: number[] = [];
    for (let minute = 0; minute < minutes; minute++) {
      await host.clock.advance(60_000);
      expect(table.anchors.size).toBeLessThanOrEqual(sessions);
      heap.push(heapUsed());
    }
    expect(arrivals).toBeGreaterThan(sessions * 10);
    await Promise.all([proxy.stop(15), host.clock.advance(60_000)]);
    expect(proxy.sessions).toBe(0);
    expect([...table.anchors.keys()]).toEqual([]);
    // Flat: the last minutes hold no more than the first ones, give or take what a collector leaves.
    const early = Math.max(...heap.slice(1, 4));
    expect(Math.min(...heap.slice(-3))).toBeLessThan(early * 1.25 + 2_000_000);
  }, 120_000);
});
