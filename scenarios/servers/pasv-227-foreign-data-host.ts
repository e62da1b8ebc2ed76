import { fails, hostPort, quirkyServer } from "anchorage";

/** A machine of the same cluster, so they say. */
const ELSEWHERE = { address: "203.0.113.20", port: 50_000 };

export default quirkyServer({
  title: "A 227 that names another host",
  who: "Servers of a cluster or a CDN really want the data on another machine; hostile ones want the client to knock at somebody's door. ftp-proxy(8) reads only the port and opens it towards the server of the control connection, where nobody listens: the client is refused.",
  sources: [
    "RFC 2577 §3",
    "CVE-2020-8284 (curl)",
    "CVE-2021-4189 (CPython)",
    "jsftp #42",
    "captures/quirks/pasv-227-foreign-data-host.txt",
  ],
  families: ["inet"],
  replies: { PASV: `227 Entering Passive Mode (${hostPort(ELSEWHERE)})` },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 227", notice: "connection refused" }),
    conntrack: fails(),
    none: fails(),
  },
});
