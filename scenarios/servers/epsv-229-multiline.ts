import { fails, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 229 of several lines",
  who: "A server says first that it listens, in a `229-` line, and then where. ftp-proxy(8) takes the first line for the answer to EPSV and forgets the command: the second line passes as it is, no rule is loaded, and the client dials a closed firewall.",
  sources: ["RFC 959 §4.2", "ftp-proxy.c 1.41 server_parse", "docs/reference/clients.jsonl"],
  negotiation: ["EPSV"],
  replies: { EPSV: ({ port }) => `229-listening\r\n229 Entering Extended Passive Mode (|||${port}|)` },
  expect: {
    "ftp-proxy": fails({ by: "firewall", at: "data connection", notice: "hangs", anchor: "empty" }),
    conntrack: fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
