import { describe, expect, test } from "vitest";
import { InterfacesError, parseInterfaces } from "./parse-interfaces.ts";

const IFCONFIG = `lo0: flags=2008049<UP,LOOPBACK,RUNNING,MULTICAST,LRO> mtu 32768
	index 5 priority 0 llprio 3
	groups: lo
	inet6 ::1 prefixlen 128
	inet6 fe80::1%lo0 prefixlen 64 scopeid 0x5
	inet 127.0.0.1 netmask 0xff000000
em0: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> rdomain 1 mtu 1500
	lladdr 02:00:00:00:00:10
	groups: egress lan
	inet 192.0.2.1 netmask 0xffffff00 broadcast 192.0.2.255
	inet6 2001:db8::1 prefixlen 64
ppp0: flags=8051<UP,POINTOPOINT,RUNNING,MULTICAST> mtu 1500
	inet 198.51.100.1 --> 198.51.100.2 netmask 0xffffffff
`;

describe("the interfaces of a firewall", () => {
  test("can be given as ifconfig prints them", () => {
    expect(parseInterfaces(IFCONFIG)).toEqual([
      {
        name: "lo0",
        groups: ["lo"],
        addresses: [
          { address: "::1", prefix: 128 },
          { address: "fe80::1", prefix: 64 },
          { address: "127.0.0.1", prefix: 8 },
        ],
        loopback: true,
      },
      {
        name: "em0",
        groups: ["egress", "lan"],
        addresses: [
          { address: "192.0.2.1", prefix: 24, broadcast: "192.0.2.255" },
          { address: "2001:db8::1", prefix: 64 },
        ],
        rdomain: 1,
      },
      { name: "ppp0", groups: [], addresses: [{ address: "198.51.100.1", prefix: 32, peer: "198.51.100.2" }] },
    ]);
  });

  test("can be given as JSON, and always have a loopback", () => {
    const [lo0, em0] = parseInterfaces(
      '[{"name":"em0","groups":["egress"],"addresses":["192.0.2.1/24","2001:db8::1/64"]}]',
    );
    expect(lo0?.name).toBe("lo0");
    expect(em0).toEqual({
      name: "em0",
      groups: ["egress"],
      addresses: [
        { address: "192.0.2.1", prefix: 24 },
        { address: "2001:db8::1", prefix: 64 },
      ],
    });
  });

  test("are refused with a reason, and the line where there is one", () => {
    expect(() => parseInterfaces("hello\n")).toThrow(InterfacesError);
    expect(() => parseInterfaces('[{"name":"em0","addresses":["192.0.2.300/24"]}]')).toThrow(/"192.0.2.300\/24"/);
    expect(() => parseInterfaces("[1")).toThrow(/not JSON/);
    const bad = "em0: flags=1<UP> mtu 1\n\tinet 10.0.0 netmask 0xff\n";
    expect(() => parseInterfaces(bad)).toThrow(expect.objectContaining({ line: 2 }));
  });
});
