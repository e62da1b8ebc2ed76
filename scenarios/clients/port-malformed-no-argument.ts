import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT without an argument",
  who: "PORT alone on its line is no PORT to ftp-proxy(8), which waits for the blank behind it: it passes, and the server refuses it.",
  sources: ["RFC 959 §5.3.2", "captures/openbsd-7.8/port_noarg.txt"],
  families: ["inet"],
  commands: { PORT: "PORT" },
  expect: {
    "ftp-proxy": fails({ by: "server", at: "PORT", notice: "501" }),
    conntrack: fails({ by: "network", at: "PORT", notice: "hangs" }),
    none: fails({ at: "PORT", notice: "501" }),
  },
});
