/**
 * The costs of the proxy: lines through the pure session; over loopback, sessions per second, latency per control
 * line, memory and a rule load. A bare TCP relay in the same run is the comparison.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SeededRandom } from "../harness/net/time/random.ts";
import { NodeHost } from "../proxy/node/node-host.ts";
import { proxyOptions } from "../proxy/options.ts";
import { CoalescingPacketFilter } from "../proxy/pf/coalescing.ts";
import { AnchorTable, type PacketFilter } from "../proxy/pf/packet-filter.ts";
import { PfctlPacketFilter } from "../proxy/pf/pfctl.ts";
import { toBytes } from "../proxy/session/octets.ts";
import { ControlSession } from "../proxy/session/session.ts";
import { type Benchmark, type Measurement, rate, summarise } from "./measure.ts";
import { type Asking, BenchProcess, dial } from "./proxy/bench-process.ts";
import { residentMemory } from "./proxy/resident.ts";

const line = "NOOP\r\n";
/** Lines of one short session. */
const linesPerSession = 10;

const benchmark: Benchmark = async ({ quick }) => {
  const rounds = quick ? 3 : 7;
  return [
    await sessionLines(rounds),
    ...(await overLoopback(rounds, quick ? 500 : 2000)),
    ...(await ruleLoads(rounds, quick ? 50 : 200)),
  ];
};

export default benchmark;

/** The pure state machine alone: no socket, no log. */
function sessionLines(rounds: number): Promise<Measurement> {
  const addresses = { client: "10.0.0.2", original: "198.51.100.9", server: "198.51.100.9", proxy: "198.51.100.1" };
  const setup = { ...proxyOptions({ pid: 1 }), id: 1, count: 1, ...addresses };
  const session = new ControlSession(setup, new SeededRandom(1));
  session.start();
  const [command, reply] = [toBytes(line), toBytes("200 ok\r\n")];
  return rate("control lines through the session", "lines/s", rounds, () => {
    for (let count = 0; count < 50_000; count++) {
      session.handle({ kind: "bytes", from: "client", bytes: command });
      session.handle({ kind: "bytes", from: "server", bytes: reply });
    }
    return 100_000;
  });
}

async function overLoopback(rounds: number, asked: number): Promise<Measurement[]> {
  const server = await BenchProcess.start("server");
  const [relay, proxy] = [await BenchProcess.start("relay", server), await BenchProcess.start("proxy", server)];
  try {
    return [
      ...(await latencies(rounds, asked, { server, relay, proxy })),
      ...(await perSession(rounds, { relay, proxy })),
      ...(process.platform === "linux" ? await residentMemory(server.port, 3) : []),
    ];
  } finally {
    for (const one of [server, relay, proxy]) one.stop();
  }
}

type Processes = Readonly<Record<string, BenchProcess>>;

/** The middle round trip of many, and how much longer than straight to the server. Processes take turns. */
async function latencies(rounds: number, asked: number, processes: Processes): Promise<Measurement[]> {
  const clients = new Map<string, Asking>();
  for (const [name, process] of Object.entries(processes)) clients.set(name, await dial(process.port));
  const middles = new Map<string, number[]>([...clients.keys()].map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, client] of clients) {
      const middle = await middleRoundTrip(client, asked);
      if (round > 0) middles.get(name)?.push(middle);
    }
  }
  for (const client of clients.values()) await client.close();
  const direct = middles.get("server") ?? [];
  const added = (name: string) => (middles.get(name) ?? []).map((value, round) => value - (direct[round] ?? 0));
  return [
    summarise("round trip to the server itself (p50)", "µs", direct),
    summarise("added by a bare TCP relay (p50)", "µs", added("relay"), "the floor"),
    summarise("added by the proxy (p50)", "µs", added("proxy"), "the C original: 60 to 75 µs on two such cores"),
  ];
}

async function middleRoundTrip(client: Asking, asked: number): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < asked; count++) {
    const start = performance.now();
    await client.ask(line);
    times.push((performance.now() - start) * 1000);
  }
  return times.sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}

async function perSession(rounds: number, processes: Processes): Promise<Measurement[]> {
  const measured: Measurement[] = [];
  for (const [name, process] of Object.entries(processes)) {
    const what = `sessions of ${linesPerSession} lines through the ${name}`;
    measured.push(await rate(what, "sessions/s", rounds, () => manySessions(process, 400, 8)));
  }
  for (const [name, process] of Object.entries(processes)) measured.push(...(await idleMemory(name, process)));
  return measured;
}

async function manySessions(process: BenchProcess, count: number, atOnce: number): Promise<number> {
  let left = count;
  const one = async () => {
    while (left-- > 0) {
      const client = await dial(process.port);
      for (let asked = 0; asked < linesPerSession; asked++) await client.ask(line);
      await client.close();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return count;
}

/** Idle sessions that have said one line, by the process's resident set and by its heap. */
async function idleMemory(name: string, process: BenchProcess): Promise<Measurement[]> {
  const sessions = 400;
  const [resident, heap]: [number[], number[]] = [[], []];
  for (let round = 0; round < 3; round++) {
    const before = await process.memory();
    const clients: Asking[] = [];
    for (let made = 0; made < sessions; made++) clients.push(await dial(process.port));
    for (const client of clients) await client.ask(line);
    const after = await process.memory();
    resident.push((after.rss - before.rss) / sessions / 1024);
    heap.push((after.heapUsed - before.heapUsed) / sessions / 1024);
    await Promise.all(clients.map((client) => client.close()));
  }
  return [
    summarise(`heap per idle session, ${name}`, "KiB", heap),
    summarise(`resident per idle session, ${name}`, "KiB", resident, "later rounds reuse what earlier ones left"),
  ];
}

/** true(1) replaces pfctl, so this measures our part of a rule load without PF's. */
async function ruleLoads(rounds: number, sessions: number): Promise<Measurement[]> {
  const host = new NodeHost({ log: () => {} });
  const directory = await mkdtemp(join(tmpdir(), "bench-proxy."));
  const measured: Measurement[] = [];
  const backEnds: readonly (readonly [string, () => PacketFilter, string?])[] = [
    ["in memory", () => new AnchorTable()],
    ["one process each", () => new PfctlPacketFilter(host, "true"), "true(1) for pfctl"],
    [
      "coalesced",
      () => new CoalescingPacketFilter(host, { parent: "x", directory, pfctl: obedient(host) }),
      "true(1) for pfctl",
    ],
  ];
  for (const [name, make, note] of backEnds) {
    const packetFilter = make();
    const what = `rule loads for ${sessions} sessions at once, ${name}`;
    const round = async () => {
      await Promise.all(Array.from({ length: sessions }, (_, id) => packetFilter.load(`x/1.${id}`, "pass\n")));
      return sessions;
    };
    measured.push(await rate(what, "loads/s", rounds, round, note));
  }
  await rm(directory, { recursive: true });
  return measured;
}

/** Reading back shows a rule: what is real is the files and the process. */
function obedient(host: NodeHost) {
  return async (args: readonly string[]) =>
    args.includes("-sr") ? { status: 0, stdout: "pass\n", stderr: "" } : host.run("true", args);
}
