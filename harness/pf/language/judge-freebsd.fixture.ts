import type { Interface } from "../ruleset.ts";

/** The interfaces of the machines on which pfctl of FreeBSD 15.1, 14.0 and 12.1 judged fixtures/pfctl-freebsd. */
const interfaces: readonly Interface[] = [
  {
    name: "em0",
    groups: [],
    addresses: [
      { address: "192.0.2.1", prefix: 24, broadcast: "192.0.2.255" },
      { address: "2001:db8::1", prefix: 64 },
    ],
  },
  {
    name: "lo0",
    groups: ["lo"],
    loopback: true,
    addresses: [
      { address: "::1", prefix: 128 },
      { address: "fe80::1", prefix: 64 },
      { address: "127.0.0.1", prefix: 8 },
    ],
  },
];

export const freebsdMachine = {
  interfaces,
  rtables: Array.from({ length: 16 }, (_, number) => number),
  hosts: { localhost: ["::1", "127.0.0.1"] },
};
