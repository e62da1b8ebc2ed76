import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "EPRT with exclamation marks",
  who: "RFC 2428 lets a client choose its delimiter. ftp-proxy(8) knows only the bar: it finds no port and ends the session, and the server never sees the command.",
  sources: ["RFC 2428 §2", "captures/quirks/eprt-alternate-delimiter.txt"],
  negotiation: ["EPRT"],
  commands: { EPRT: ({ extendedHostPort }) => `EPRT ${extendedHostPort.replaceAll("|", "!")}` },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "EPRT", notice: "connection closed", log: "bad port in", anchor: "empty" }),
  },
});
