import { fails, logsIn, passiveReply, scenario, untouched } from "anchorage";

const FLOOD = ["226 Done", ...Array.from({ length: 40 }, () => "200 Zzz")];

export default scenario({
  title: "Forty kept-back replies before a 227",
  quirk:
    "Servers hold the replies to keep-alive NOOPs until the transfer is over, then send them in a burst. If the client has asked for the next passive port by then, the first of them makes ftp-proxy(8) forget it.",
  sources: ["FluentFTP RELEASES 34–53, stale data", "captures/quirks/keepalive-reply-flood.txt"],
  priority: 3,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    const command = family === "inet" ? "PASV" : "EPSV";
    const flood = FLOOD.map((line) => `${line}\r\n`).join("");
    await logsIn(stage);
    await client.sends(command);
    await server.gets(command);
    await server.listensForData();
    const reply = passiveReply(family, server);
    await server.sendsSegments(flood);
    await server.sends(reply);
    await client.getsBytes(flood);
    await client.gets(untouched(reply));
    await anchor.isEmpty();
    await client.opensData();
  },
  expect: {
    "ftp-proxy": ({ side, family }) =>
      family === "inet" && side === "reverse"
        ? fails({ by: "translation", at: "the 227", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
