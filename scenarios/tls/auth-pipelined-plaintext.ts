import { scenario } from "anchorage";

const REPLIES = ["234 Go ahead", "230 You are logged in", "200 Whatever you say"];

export default scenario({
  title: "Plain replies behind a 234, in one segment",
  quirk:
    "The response injection of STARTTLS: what comes in plain text after the 234 must not survive into TLS. That is the client's task; ftp-proxy(8) sends every line on.",
  sources: ["RFC 4217", "curl test983", "captures/quirks/auth-pipelined-plaintext.txt"],
  priority: 3,
  async play({ client, server, anchor }) {
    await client.connects();
    await server.accepts();
    await server.sends("220 Ready");
    await client.gets("220 Ready");
    await client.sends("AUTH TLS");
    await server.gets("AUTH TLS");
    await server.sendsSegments(REPLIES.map((line) => `${line}\r\n`).join(""));
    for (const line of REPLIES) await client.gets(line);
    await client.closes();
    await server.seesClose();
    await anchor.isEmpty();
  },
});
