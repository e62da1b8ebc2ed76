import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "EPRT with commas",
  who: "A client writes EPRT with PORT's delimiter, as RFC 2428 allows. ftp-proxy(8) knows only the bar: it finds no port and ends the session.",
  sources: ["RFC 2428 §2", "ftp-proxy.c 1.41 parse_port", "captures/native/eprt_otherdelim.txt"],
  negotiation: ["EPRT"],
  commands: { EPRT: ({ extendedHostPort }) => `EPRT ${extendedHostPort.replaceAll("|", ",")}` },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "EPRT", notice: "connection closed", log: "bad port in", anchor: "empty" }),
  },
});
