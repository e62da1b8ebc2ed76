import { quirkyServer, worksAfterDetour } from "anchorage";

export default quirkyServer({
  title: "EPSV answered by 202",
  who: "A server that says “superfluous” to every command that it does not know. A client that takes each 2xx for a yes looks for a port and finds none; ftp-proxy(8) waits for 229, forgets the command, and the PASV after it works.",
  sources: ["RFC 959 §4.2.2", "ftp-proxy.c 1.41 server_parse", "docs/reference/clients.jsonl"],
  families: ["inet"],
  negotiation: ["EPSV", "PASV"],
  commands: { EPSV: (session) => session.says("202 OK") },
  expect: { "ftp-proxy": worksAfterDetour(), conntrack: worksAfterDetour() },
});
