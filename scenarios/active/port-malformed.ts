import { fails, logsIn, proxyRefusesCommand, says, scenario } from "anchorage";

export default scenario({
  title: "PORT without numbers",
  quirk:
    "PORT alone on its line is no PORT to ftp-proxy(8), which waits for the blank behind it: the server may answer it. With the blank, or with words instead of numbers, there is no port to read, and the session ends.",
  sources: ["RFC 959 §5.3.2", "captures/openbsd-7.8/port_noarg.txt", "captures/openbsd-7.8/port_text.txt"],
  priority: 2,
  modes: ["active"],
  families: ["inet"],
  async play(stage) {
    const { client, server } = stage;
    for (const command of ["PORT ", "PORT abc", "PORT 10.0.0.5,156,64"]) {
      await logsIn(stage);
      await says(client, server, "PORT", "501 Where to?");
      await proxyRefusesCommand(stage, command);
    }
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "PORT", notice: "connection closed" }),
    conntrack: fails({ by: "network", at: "PORT", notice: "hangs" }),
    none: fails({ by: "server", at: "PORT", notice: "501" }),
  },
});
