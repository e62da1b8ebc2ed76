import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT with a privileged port",
  who: "An attacker, or a broken device, names a port below 1024 so that the server knocks at a service of the client's. ftp-proxy(8) ends the session, and the server never sees the command.",
  sources: ["RFC 2577 §3", "ftp-proxy(8) CAVEATS", "ftp-proxy.c 1.41 MIN_PORT", "captures/openbsd-7.8/port_low.txt"],
  priority: 1,
  families: ["inet"],
  dataPort: 1_023,
  commands: { PORT: ({ hostPort }) => `PORT ${hostPort}` },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "PORT", notice: "connection closed", log: "bad port in", anchor: "empty" }),
  },
});
