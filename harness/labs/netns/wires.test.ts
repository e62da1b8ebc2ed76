/**
 * Real kernels' packets through the PF model: what they find out about the way, and that they believe every
 * checksum.
 */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import type { Lab, LabEvent, LabHost, LabSetup } from "../../contract/lab.ts";
import { isIcmp, isTcp } from "../../pf/packet.ts";
import netns from "../netns.ts";

const missing =
  (await netns.unavailable()) ??
  (spawnSync("ping", ["-V"]).error === undefined ? undefined : "needs ping(8): apt-get install iputils-ping");

const FAMILIES = ["inet", "inet6"] as const;
/** Translated on the way out in IPv4, as IPv6 is not. */
const PF_CONF = `
match out on em0 inet from 10.0.0.0/24 nat-to (em0:0)
block log all
pass out on em0
pass in on em1
`;

/** Opens a lab for these checks, and closes it after them. */
async function within(
  setup: Partial<LabSetup>,
  check: (lab: Lab, events: readonly LabEvent[]) => Promise<void>,
): Promise<void> {
  const lab = await netns.open({
    seed: 1,
    side: "forward",
    family: "inet",
    era: "divert-to",
    pfConf: PF_CONF,
    ...setup,
  });
  const events: LabEvent[] = [];
  lab.observe((event) => events.push(event));
  try {
    await check(lab, events);
  } finally {
    await lab.close();
  }
}

/** The same bytes to the server and back: both must arrive whole. */
async function expectEcho(lab: Lab, family: "inet" | "inet6", bytes: Uint8Array): Promise<void> {
  const { client, server } = lab.hosts;
  const address = server.address(family);
  const digest = (pieces: readonly Uint8Array[]) => createHash("sha256").update(Buffer.concat(pieces)).digest("hex");
  const arrived: Uint8Array[] = [];
  const listener = await server.listen({ address, port: 7 }, (connection) => {
    connection.handle({
      onData: (piece) => arrived.push(piece),
      onEnd: () => {
        connection.write(bytes);
        connection.end();
      },
    });
  });
  const back: Uint8Array[] = [];
  await new Promise<void>((resolve, reject) => {
    const connection = client.connect({ address, port: 7 });
    connection.handle({
      onConnect: () => {
        connection.write(bytes);
        connection.end();
      },
      onData: (piece) => back.push(piece),
      onClose: (error) => (error === undefined ? resolve() : reject(error)),
    });
  });
  listener.close();
  expect([digest(arrived), digest(back)]).toEqual([digest([bytes]), digest([bytes])]);
}

/** Packets that a host's kernel has refused for their checksum. */
async function badChecksums(host: LabHost): Promise<number> {
  const { stdout } = await host.run("cat", ["/proc/net/snmp", "/proc/net/snmp6"]);
  const lines = stdout.split("\n");
  let bad = 0;
  for (const [index, line] of lines.entries()) {
    const [, name, value] = /^(\w*InCsumErrors)\s+(\d+)$/.exec(line) ?? [];
    if (name !== undefined) bad += Number(value);
    const names = line.split(" ");
    const place = names.indexOf("InCsumErrors");
    if (place > 0) bad += Number(lines[index + 1]?.split(" ")[place]);
  }
  return bad;
}

const big = Uint8Array.from({ length: 2_000_000 }, (_, index) => (index * 31) >> 3);

describe.skipIf(missing !== undefined)(
  `the wires of netns${missing === undefined ? "" : `: not run, ${missing}`}`,
  () => {
    afterAll(() => netns.shutDown?.());

    test.each(FAMILIES)("a connection over a narrower link finds its way by path MTU discovery: %s", async (family) => {
      const mtu = family === "inet" ? 1_400 : 1_280;
      await within({ link: { mtu } }, async (lab, events) => {
        await expectEcho(lab, family, big);
        const packets = events.flatMap((event) => (event.kind === "packet" ? [event] : []));
        const told = packets.filter(({ packet }) => isIcmp(packet) && packet.mtu === mtu);
        // Either side has sent too much at first, and each was told.
        expect(new Set(told.map(({ network }) => network))).toEqual(new Set(["inside", "outside"]));
        const longest = (direction: "in" | "out") => {
          const headers = family === "inet" ? 40 : 60;
          const sizes = packets.flatMap(({ packet, ...one }) =>
            one.direction === direction && isTcp(packet)
              ? [headers + (packet.tcpOptions?.timestamps ? 12 : 0) + packet.payload.length]
              : [],
          );
          return Math.max(...sizes);
        };
        expect(longest("in")).toBe(1_500);
        expect(longest("out")).toBe(mtu);
      });
    });

    test.each(FAMILIES)(
      "a transfer over links that lose, reorder and double packets arrives whole: %s",
      async (family) => {
        await within({ link: { latencyMs: 2, loss: 0.02, reorder: 0.1, duplicate: 0.05 } }, async (lab, events) => {
          await expectEcho(lab, family, big.subarray(0, 200_000));
          // Some bytes came to the firewall more than once: doubled on the way, or repeated for what was lost.
          const seen = events.flatMap((event) =>
            event.kind === "packet" &&
            event.direction === "in" &&
            isTcp(event.packet) &&
            event.packet.payload.length > 0
              ? [`${event.network} ${event.packet.seq}`]
              : [],
          );
          expect(seen.length).toBeGreaterThan(new Set(seen).size);
        });
      },
    );

    test("on a link of 68 bytes no segment is longer", async () => {
      await within({ link: { mtu: 68 } }, async (lab, events) => {
        await expectEcho(lab, "inet", big.subarray(0, 5_000));
        const payloads = events.flatMap((event) =>
          event.kind === "packet" && isTcp(event.packet) ? [event.packet.payload.length] : [],
        );
        // 40 bytes of headers, and 12 where kernels use timestamps.
        expect(Math.max(...payloads)).toBeLessThanOrEqual(28);
      });
    });

    test.each(FAMILIES)("a long transfer arrives whole, and is seen as segments: %s", async (family) => {
      await within({}, async (lab, events) => {
        await expectEcho(lab, family, big);
        const most = family === "inet" ? 1_460 : 1_440;
        for (const event of events) {
          if (event.kind === "packet") expect(event.packet.payload.length).toBeLessThanOrEqual(most);
        }
        for (const host of Object.values(lab.hosts)) expect(await badChecksums(host)).toBe(0);
      });
    });

    test.each(FAMILIES)("echo requests and replies cross the rules: %s", async (family) => {
      await within({}, async (lab, events) => {
        const { client, server } = lab.hosts;
        const line = ["-n", "-c", "2", "-i", "0.1", "-W", "1", server.address(family)];
        const { status, stdout } = await client.run("ping", line);
        expect([status, stdout]).toEqual([0, expect.stringContaining("2 received")]);
        const state = events.find((event) => event.kind === "state");
        expect(state).toMatchObject({ event: "created", state: expect.stringMatching(/^all (icmp|ipv6-icmp) /) });
        for (const host of [client, server]) expect(await badChecksums(host)).toBe(0);
        // From outside nothing gets in.
        const refused = await server.run("ping", ["-n", "-c", "1", "-W", "1", client.address(family)]);
        expect(refused.status).not.toBe(0);
      });
    });

    test.each(FAMILIES)("a packet whose time is over is reported by the firewall: %s", async (family) => {
      await within({}, async (lab) => {
        const { client, server } = lab.hosts;
        const { stdout } = await client.run("ping", ["-n", "-t", "1", "-c", "1", "-W", "1", server.address(family)]);
        expect(stdout).toMatch(/From (10\.0\.0\.1|2001:db8:1::1).* (Time to live exceeded|Hop limit)/);
      });
    });

    test.each(FAMILIES)("datagrams cross, are answered, and a closed port is told: %s", async (family) => {
      await within({}, async (lab) => {
        const { client, server } = lab.hosts;
        const address = server.address(family);
        const served = server.run(process.execPath, ["-e", SERVER, address]);
        const asked = await client.run(process.execPath, ["-e", CLIENT, address, "1200"]);
        expect(asked).toMatchObject({ status: 0, stdout: "echoed 1200, then ECONNREFUSED\n", stderr: "" });
        await served;
        for (const host of [client, server]) expect(await badChecksums(host)).toBe(0);
      });
    });
  },
);

/** Answers one datagram with the same and ends. */
const SERVER = `
const [address] = process.argv.slice(1);
const socket = require("node:dgram").createSocket(address.includes(":") ? "udp6" : "udp4");
socket.on("message", (bytes, { address, port }) => socket.send(bytes, port, address, () => socket.close()));
socket.bind(7, address);
`;

/** Repeats a datagram until it is answered, then sends to a port where nobody listens. */
const CLIENT = `
const [address, length] = process.argv.slice(1);
const socket = require("node:dgram").createSocket(address.includes(":") ? "udp6" : "udp4");
const message = Buffer.alloc(Number(length), "x");
const timer = setInterval(() => socket.send(message), 50);
socket.connect(7, address);
socket.once("message", (bytes) => {
  clearInterval(timer);
  socket.disconnect();
  socket.connect(9, address, () => socket.send("anybody?"));
  socket.on("error", ({ code }) => {
    console.log("echoed " + (bytes.equals(message) ? bytes.length : "others") + ", then " + code);
    process.exit(0);
  });
});
socket.on("error", () => {});
setTimeout(() => process.exit(1), 5000);
`;
