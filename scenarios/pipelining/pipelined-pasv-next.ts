import { fails, logsIn, passiveReply, scenario, untouched } from "anchorage";

export default scenario({
  title: "A passive command and LIST in one segment",
  quirk:
    "The client does not wait for the 227 or 229. Every client line clears the memory of ftp-proxy(8), so LIST makes it forget the passive command: the reply passes as it came and nothing is opened.",
  sources: [
    "ftp-proxy.c 1.41: client_parse",
    "captures/quirks/pipelined-pasv-next.txt",
    "captures/quirks/pipelined-pasv-next.reverse.txt",
  ],
  priority: 1,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    const command = family === "inet" ? "PASV" : "EPSV";
    await logsIn(stage);
    await client.sendsSegments(`${command}\r\nLIST\r\n`);
    await server.gets(command);
    await server.gets("LIST");
    await server.listensForData();
    const reply = passiveReply(family, server);
    await server.sends(reply);
    await client.gets(untouched(reply));
    await anchor.isEmpty();
    await client.opensData();
  },
  expect: {
    conntrack: fails({ by: "server", at: "LIST", notice: "hangs" }),
    "ftp-proxy": ({ side, family }) =>
      family === "inet" && side === "reverse"
        ? fails({ by: "translation", at: "the 227", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
