import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT with a word for its numbers",
  who: "A client sends the name of its port. ftp-proxy(8) finds no port to read and ends the session.",
  sources: ["RFC 959 §5.3.2", "captures/openbsd-7.8/port_text.txt"],
  families: ["inet"],
  commands: { PORT: "PORT abc" },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "PORT", notice: "connection closed", log: "bad port in", anchor: "empty" }),
    conntrack: fails({ by: "network", at: "PORT", notice: "hangs" }),
    none: fails({ at: "PORT", notice: "501" }),
  },
});
