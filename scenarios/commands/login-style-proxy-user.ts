import { fails, quits, says, scenario } from "anchorage";

export default scenario({
  title: "A login that names the server, for a proxy of another kind",
  quirk:
    "Clients set up for an application proxy log in as USER@HOST. ftp-proxy(8) is not of that kind: the name goes to the server that the client dialled, as it is.",
  sources: ["lftp(1) ftp:proxy-auth-type", "FluentFTP #1258", "captures/quirks/login-style-proxy-user.txt"],
  priority: 3,
  async play(stage) {
    const { client, server, anchor } = stage;
    await client.connects();
    await server.accepts();
    await server.sends("220 Ready");
    await client.gets("220 Ready");
    await says(client, server, "USER bob@ftp.example.org", "331 Password?");
    await says(client, server, "PASS secret", "530 No bob@ftp.example.org here");
    await anchor.isEmpty();
    await quits(stage);
  },
  expect: {
    "ftp-proxy": fails({ by: "server", at: "the login", notice: "530" }),
    conntrack: fails({ by: "server", at: "the login", notice: "530" }),
    none: fails({ by: "server", at: "the login", notice: "530" }),
  },
});
