import { fails, passiveReply, quits, scenario } from "anchorage";

export default scenario({
  title: "Login and passive command in one segment",
  quirk:
    "A script writes USER, PASS and the passive command at once. The 331 and the 230 come before the 227 or 229, each clears the memory of ftp-proxy(8), and the passive reply passes as it came.",
  sources: ["ftp-proxy.c 1.41: server_parse", "captures/openbsd-7.8/pipelined.txt"],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    const command = family === "inet" ? "PASV" : "EPSV";
    await client.connects();
    await server.accepts();
    await server.sends("220 Ready");
    await client.gets("220 Ready");
    await client.sendsSegments(`USER anonymous\r\nPASS guest@example.org\r\n${command}\r\n`);
    for (const line of ["USER anonymous", "PASS guest@example.org", command]) await server.gets(line);
    await server.listensForData();
    const replies = ["331 Any password will do", "230 Logged in", passiveReply(family, server)];
    await server.sendsSegments(replies.map((line) => `${line}\r\n`).join(""));
    for (const line of replies) await client.gets(line);
    await anchor.isEmpty();
    await client.cannotOpenData("no-answer");
    await quits(stage);
  },
  expect: {
    conntrack: ({ side, family }) =>
      family === "inet" && side === "reverse"
        ? fails({ by: "translation", at: "the 227", notice: "connection closed" })
        : fails({ by: "firewall", at: "data connection", notice: "connection closed" }),
    "ftp-proxy": ({ side, family }) =>
      family === "inet" && side === "reverse"
        ? fails({ by: "translation", at: "the 227", notice: "connection closed" })
        : fails({ by: "firewall", at: "data connection", notice: "connection closed" }),
    none: ({ side, family }) =>
      family === "inet" && side === "reverse"
        ? fails({ by: "translation", at: "the 227", notice: "connection closed" })
        : fails({ by: "firewall", at: "data connection", notice: "connection closed" }),
  },
});
