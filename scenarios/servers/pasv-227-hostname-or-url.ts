import { hangsUpAt, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 227 with a URL",
  who: "ftp-srv, configured with a URL for its passive address, turns every dot of it into a comma; with a host name only the last two numbers mean anything. ftp-proxy(8) finds no number behind the parenthesis and ends the session.",
  sources: [
    "QuorumDMS/ftp-srv #243",
    "QuorumDMS/ftp-srv #217",
    "ftp-proxy.c 1.41",
    "quirks-seen: pasv-227-hostname-or-url",
  ],
  families: ["inet"],
  replies: { PASV: ({ hostPort }) => `227 PASV OK (ftp://${hostPort})` },
  expect: { "ftp-proxy": hangsUpAt("the 227") },
});
