import { hangsUpAt, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 229 with words after the port",
  who: "A server adds a word after the parenthesis, as the text of any reply may. ftp-proxy(8) starts to read at the last blank, behind the port: it finds none and ends the session.",
  sources: ["RFC 959 §4.2", "ftp-proxy.c 1.41 parse_port", "captures/quirks/epsv-229-text-after.txt"],
  priority: 3,
  negotiation: ["EPSV"],
  replies: { EPSV: ({ port }) => `229 Extended Passive Mode (|||${port}|) ok` },
  expect: { "ftp-proxy": hangsUpAt("the 229") },
});
