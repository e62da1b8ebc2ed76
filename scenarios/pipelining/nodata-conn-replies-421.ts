import { entersActiveMode, fails, logsIn, says, scenario } from "anchorage";

export default scenario({
  title: "421 instead of a data connection",
  quirk:
    "The server gives up the whole session where it should dial. Its 421 must reach the client before the end does, and the rules go with the session.",
  sources: ["RFC 959 §5.4", "curl NODATACONN421, test1207", "captures/quirks/nodata-conn-replies.421.txt"],
  priority: 1,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await logsIn(stage);
    await entersActiveMode(stage);
    await says(client, server, "RETR file", "421 Service not available");
    await server.closes();
    await client.seesClose();
    await log.says("server close");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "server", at: "RETR", notice: "421" }),
    conntrack: fails({ by: "server", at: "RETR", notice: "421" }),
    none: ({ side, family }) =>
      family === "inet" && side === "forward"
        ? fails({ by: "translation", at: "PORT", notice: "421" })
        : fails({ by: "server", at: "RETR", notice: "421" }),
  },
});
