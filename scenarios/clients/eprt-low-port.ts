import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "EPRT with a privileged port",
  who: "A client names a port below 1024. ftp-proxy(8) ends the session over it, and the server never sees the command.",
  sources: ["RFC 2428 §2", "RFC 2577 §3", "captures/openbsd-7.8/eprt_low.txt"],
  negotiation: ["EPRT"],
  dataPort: 1_023,
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "EPRT", notice: "connection closed", log: "bad port in", anchor: "empty" }),
  },
});
