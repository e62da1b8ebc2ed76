import { hangsUpAt, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 229 with a port out of range",
  who: "Broken servers name ports that do not fit in 16 bits, as FluentFTP's users have seen. A reader that cuts the number off dials the port that is meant here, and elsewhere one that nobody meant; ftp-proxy(8) ends the session.",
  sources: [
    "RFC 2428 §3",
    "curl tests/data/test238",
    "FluentFTP #760",
    "captures/quirks/epsv-229-port-range.big.txt",
    "docs/reference/clients.jsonl",
  ],
  negotiation: ["EPSV"],
  replies: { EPSV: ({ port }) => `229 Entering Extended Passive Mode (|||${port + 65_536}|)` },
  expect: { "ftp-proxy": hangsUpAt("the 229") },
});
