import { downloadsPassively, fails, logsIn, scenario, untouched } from "anchorage";

export default scenario({
  title: "CPSV and SPSV",
  quirk:
    "glftpd's CPSV (for server to server with TLS) and pure-ftpd's SPSV are two more commands that are answered by 227. ftp-proxy(8) knows neither: the reply passes as it is, no rule is loaded.",
  sources: ["lftp src/ftpclass.cc", "pure-ftpd FEAT", "captures/quirks/cpsv-spsv.spsv.txt"],
  priority: 3,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await server.listensForData();
    const reply = `227 Entering Passive Mode (${server.hostPort})`;
    for (const command of ["SPSV", "CPSV"]) {
      await client.sends(command);
      await server.gets(command);
      await server.sends(reply);
      await client.gets(untouched(reply));
      await anchor.isEmpty();
    }
    await downloadsPassively(stage);
  },
  expect: {
    "ftp-proxy": ({ side }) =>
      side === "forward"
        ? fails({ by: "firewall", at: "data connection", notice: "hangs" })
        : fails({ by: "translation", at: "the 227", notice: "hangs" }),
  },
});
