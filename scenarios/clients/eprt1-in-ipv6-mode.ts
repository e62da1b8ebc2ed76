import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "EPRT with an IPv4 address over IPv6",
  who: "A dual-stack client takes the wrong family. ftp-proxy(8) reads the port only and writes the command with its own IPv6 address, so that it works after all.",
  sources: ["RFC 2428 §2", "proftpd-mod_proxy #113", "captures/native/eprt_v4_on_v6.txt"],
  families: ["inet6"],
  topic: "inet6",
  commands: { EPRT: ({ port }) => `EPRT |1|10.0.0.2|${port}|` },
  expect: {
    conntrack: fails({ by: "network", at: "EPRT", notice: "hangs" }),
    none: fails({ by: "server", at: "EPRT", notice: "522" }),
  },
});
