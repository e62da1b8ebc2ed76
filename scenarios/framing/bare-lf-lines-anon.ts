import { fails, quits, says, scenario } from "anchorage";

export default scenario({
  title: "An anonymous login that ends in a bare LF, with -A",
  quirk:
    "With -A, ftp-proxy(8) compares the whole USER line, CR LF included. So it refuses `USER anonymous` with a bare LF, which it would have sent on without the option.",
  sources: ["ftp-proxy(8) -A", "captures/quirks/bare-lf-lines.anon.txt"],
  priority: 1,
  proxyArgs: ["-A"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await client.connects();
    await server.accepts();
    await server.sends("220 Ready");
    await client.gets("220 Ready");
    await client.sendsSegments("USER anonymous\n");
    await client.gets("500 Only anonymous FTP allowed");
    await says(client, server, "USER anonymous", "331 Any password will do");
    await anchor.isEmpty();
    await quits(stage);
  },
  expect: {
    conntrack: fails({ by: "server", at: "the login", notice: "hangs" }),
    none: fails({ by: "server", at: "the login", notice: "hangs" }),
  },
});
