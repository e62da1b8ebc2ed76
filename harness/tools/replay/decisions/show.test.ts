/**
 * What the model's pfctl prints, beside what pfctl of OpenBSD 7.8 printed in a recorded session: the same rules, the
 * same traffic, the same commands. Only what a kernel chooses by chance or by the clock is masked.
 */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { Firewall } from "../../../pf/engine/firewall.ts";
import { isTcp, isUdp, type Packet, TCP_FLAG, type TcpPacket } from "../../../pf/packet.ts";
import { pfctl } from "../../../pf/pfctl.ts";
import { FirewallHost, type Sent } from "./firewall-host.ts";
import { FtpTransactions } from "./ftp-transaction.ts";
import { INTERFACES, routeOf } from "./topology.ts";

const text = gunzipSync(readFileSync(new URL("./fixtures/pfctl-session.txt.gz", import.meta.url))).toString();
const recorded = readSession(text);
const { S, A, P } = TCP_FLAG;
const bytes = (string: string) => new TextEncoder().encode(string);

/** What the model does not have, or has of its own. */
const NOT_COMPARED: Readonly<Record<string, string>> = {
  "pfctl -so | sed -n 1,5p": "fingerprints are not modelled",
  "pfctl -s all | sed -n 1,60p": "compared by its parts",
  "pfctl -sa | sed -n 1,200p": "compared by its parts",
};

class Lab {
  ms = Date.UTC(2026, 10, 23, 4, 55, 2);
  readonly firewall: Firewall;
  readonly host: FirewallHost;

  constructor() {
    let seed = 7;
    this.firewall = new Firewall({
      interfaces: INTERFACES,
      now: () => this.ms,
      random: (below) => {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        return Math.floor((seed / 2 ** 32) * below);
      },
      route: (destination) => routeOf(destination),
    });
    this.firewall.settings.enabled = false;
    // PF had been off for so long when the record begins.
    this.ms += 20_000;
    this.host = new FirewallHost(this.firewall);
  }

  run(command: string, stdin: string) {
    const args = [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? m[3] ?? "");
    return pfctl(args.slice(1), { firewall: this.firewall, stdin });
  }

  /** A host's packet, and the answers of the hosts that it reaches, until nobody has anything to say. */
  play(interfaceName: string, packet: Packet): void {
    for (const sent of this.host.receive(interfaceName, packet)) this.answer(sent);
  }

  answer({ interface: name, packet }: Sent): void {
    const answers = isTcp(packet) ? this.tcp(packet) : [];
    if (isUdp(packet) && packet.destinationPort === 53) {
      const { length: _, ...rest } = packet;
      answers.push({ ...rest, ...reversed(packet), ttl: 64, payload: bytes("reply") });
    }
    if ("type" in packet && packet.type === 8) answers.push({ ...packet, ...reversedEnds(packet), type: 0, ttl: 64 });
    for (const one of answers) this.play(name, one);
  }

  tcp(packet: TcpPacket): Packet[] {
    const back = { ...reversed(packet), ttl: 64, tos: 0, window: 16384, tcpOptions: {}, payload: new Uint8Array(0) };
    const { length: _, ...bare } = packet;
    const mss = packet.family === "inet" ? 1460 : 1440;
    if (packet.flags === S) {
      const seq = 0x50000001 - 1 + (packet.destinationPort << 8);
      return [{ ...bare, ...back, flags: S | A, seq, ack: (packet.seq + 1) >>> 0, tcpOptions: { mss } }];
    }
    const ack = (packet.seq + packet.payload.length + (packet.flags & S ? 1 : 0)) >>> 0;
    if (packet.flags === (S | A)) {
      const first = { ...bare, ...back, seq: packet.ack, ack };
      return [
        { ...first, flags: A },
        { ...first, flags: P | A, payload: bytes("hello") },
      ];
    }
    const said = new TextDecoder().decode(packet.payload);
    if (said === "hello") return [{ ...bare, ...back, seq: packet.ack, ack, flags: P | A, payload: bytes("world") }];
    if (said === "world") return [{ ...bare, ...back, seq: packet.ack, ack, flags: A }];
    return [];
  }

  connect(interfaceName: string, source: string, sourcePort: number, destination: string, destinationPort: number) {
    const family = source.includes(":") ? "inet6" : "inet";
    this.play(interfaceName, {
      family,
      source,
      destination,
      sourcePort,
      destinationPort,
      ttl: 64,
      tos: 0,
      protocol: 6,
      flags: S,
      seq: 1000000,
      ack: 0,
      window: 16384,
      tcpOptions: { mss: family === "inet" ? 1460 : 1440 },
      payload: new Uint8Array(0),
    });
  }
}

const reversedEnds = ({ source, destination }: Packet) => ({ source: destination, destination: source });
const reversed = (packet: Extract<Packet, { sourcePort: number }>) => ({
  ...reversedEnds(packet),
  sourcePort: packet.destinationPort,
  destinationPort: packet.sourcePort,
});

/** The rules that the real ftp-proxy's filter.c loaded, and the connections that were made then. */
function playTraffic(lab: Lab): void {
  const ftp = new FtpTransactions(lab.firewall);
  const server = "198.51.100.9";
  const rules = (id: number, from: number, to: number, client = "10.0.0.2", host = server, nat = "198.51.100.1") =>
    `begin ${id}\nrdr ${id} ${client} 0 ${host} ${from} ${host} ${to} 0\nnat ${id} ${client} 0 ${host} ${to} ${nat} 50001 65535\ncommit\n`;
  ftp.run(`init 4711 - 0\n${rules(1, 50365, 50000)}${rules(2, 50366, 50001)}`);
  ftp.run(
    `init 812 FTP 0\nbegin 1\nrdr 1 ${server} 0 198.51.100.1 54060 10.0.0.2 51216 0\nnat 1 ${server} 0 10.0.0.2 51216 ${server} 20 20\ncommit\n`,
  );
  ftp.run(`init 900 - 0\n${rules(1, 50365, 50000, "fd00:1::2", "2001:db8:1::9", "2001:db8:1::1")}`);
  lab.connect("vio0", "10.0.0.2", 30770, server, 80);
  lab.connect("vio0", "10.0.0.2", 30771, server, 50365);
  lab.connect("vio0", "10.0.0.2", 30772, server, 21);
  const base = { family: "inet", source: "10.0.0.2", destination: server, ttl: 64, tos: 0 } as const;
  lab.play("vio0", { ...base, protocol: 17, sourcePort: 30773, destinationPort: 53, payload: bytes("hello") });
  lab.play("vio0", { ...base, protocol: 1, type: 8, code: 0, id: 77, sequence: 1, payload: bytes("12345678") });
  lab.connect("vio0", "fd00:1::2", 30774, "2001:db8:1::9", 50365);
  lab.connect("vio1", "203.0.113.5", 30775, "198.51.100.1", 8080);
  lab.connect("vio0", "10.0.0.3", 30776, server, 80);
  const own = ["tcp", "198.51.100.1", 30777, server, 21] as const;
  for (const sent of lab.host.open(...own).sent) lab.answer(sent);
  lab.host.wait(1000);
  lab.ms += 1000;
}

/** Chance, clock and processes. */
const masked = (output: string): string =>
  output
    .replace(/(198\.51\.100\.1):[56]\d{4}/g, "$1:NAT")
    .replace(/(2001:db8:1::1)\[[56]\d{4}\]/g, "$1[NAT]")
    .replace(/^(all icmp 198\.51\.100\.1):\d+/gm, "$1:ID")
    .replace(/pid \d+/g, "pid N")
    .replace(/Cleared: .*/g, "Cleared: then")
    .replace(/Checksum: .*/g, "Checksum: C")
    .replace(/(Hostid: +0x|creatorid: |id: )[0-9a-f]+/g, "$1H")
    // Our own stack's initial sequence numbers.
    .replace(/\[(?!1000006|1342197766|1354977286|1342182662)\d+ \+/g, "[ISN +");

const sorted = (output: string): string[] => masked(output).split("\n").sort();

describe("pfctl of the model beside pfctl of OpenBSD 7.8", () => {
  const lab = new Lab();
  let traffic = false;
  const firstShow = recorded.findIndex(({ command }) => command === "pfctl -vsr");
  const session: { readonly recorded: RecordedCommand; readonly got: ReturnType<Lab["run"]> }[] = [];
  for (const [index, one] of recorded.entries()) {
    if (one.command.includes("|")) continue;
    if (one.command.includes(";")) {
      // Everything cleared between two parts of the record; the purge has passed by meanwhile.
      lab.run("pfctl -a '*' -Fa", "");
      lab.ms += 2000;
      lab.firewall.purge();
      lab.run("pfctl -a '*' -Fa", "");
      continue;
    }
    if (index >= firstShow - 1 && !traffic) {
      traffic = true;
      playTraffic(lab);
    }
    session.push({ recorded: one, got: lab.run(one.command, one.stdin) });
  }

  test.each(
    session
      .map((one, index) => ({ ...one, title: `${index}: ${one.recorded.command}` }))
      .filter(({ recorded: { command } }) => NOT_COMPARED[command] === undefined),
  )("$title", ({ recorded: { output, status }, got }) => {
    // The record holds both outputs in the order in which they were flushed.
    expect(sorted(got.stdout + got.stderr)).toEqual(sorted(output));
    expect(got.status).toBe(status);
  });
});

interface RecordedCommand {
  readonly command: string;
  readonly stdin: string;
  /** Both outputs, as they came. */
  readonly output: string;
  readonly status: number;
}

/** Cuts the session into commands: `$ command`, `< input`, the output, `[exit N]`. */
function readSession(text: string): RecordedCommand[] {
  const commands: RecordedCommand[] = [];
  let command: string | undefined;
  let stdin = "";
  let output = "";
  for (const line of text.split("\n")) {
    const exit = /^\[exit (\d+)\]$/.exec(line);
    if (exit !== null && command !== undefined) {
      commands.push({ command, stdin, output, status: Number(exit[1]) });
      command = undefined;
    } else if (command === undefined) {
      if (!line.startsWith("$ ")) continue;
      command = line.slice(2);
      stdin = "";
      output = "";
    } else if (line.startsWith("< ") && output === "") stdin += `${line.slice(2)}\n`;
    else output += `${line}\n`;
  }
  return commands;
}
