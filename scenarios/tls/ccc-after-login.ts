import {
  clientHello,
  downloadsPassively,
  entersPassiveMode,
  fails,
  quits,
  says,
  scenario,
  sealed,
  serverHello,
} from "anchorage";

/** What crosses sealed: the login, and the wish to seal no more. */
const SEALED = [
  ["USER anonymous", "331 Any password will do"],
  ["PASS guest@example.org", "230 Logged in"],
  ["CCC", "200 Plain text from now on"],
] as const;

export default scenario({
  title: "TLS for the login, then CCC and plain text again",
  quirk:
    "For the sake of firewalls lftp, FluentFTP and others clear the control connection after the login, so that PASV and PORT can be read again. With ftp-proxy(8) it never comes to that: the session ends at the ClientHello, long before the CCC, and each sealed record has a NUL too, for which it would end again. nf_conntrack_ftp lets the records pass and reads on behind the first plain line.",
  sources: ["RFC 4217 §12.3", "RFC 2228 §3", "lftp(1) ftp:ssl-use-ccc", "FluentFTP #116", "quirks.md: ccc-after-login"],
  priority: 3,
  modes: ["passive"],
  async play(stage) {
    const { client, server, profile } = stage;
    await client.connects();
    await server.accepts();
    await server.sends("220 Ready");
    await client.gets("220 Ready");
    await says(client, server, "AUTH TLS", "234 Go ahead");
    await client.sendsBinary(clientHello);
    // ftp-proxy(8) takes the NULs of the handshake for a broken line.
    if (profile === "ftp-proxy" || profile === "classic") return client.seesClose();
    await server.getsBinary(clientHello);
    await server.sendsBinary(serverHello);
    await client.getsBinary(serverHello);
    for (const [command, reply] of SEALED) {
      await client.sendsBinary(sealed(command));
      await server.getsBinary(sealed(command));
      await server.sendsBinary(sealed(reply));
      await client.getsBinary(sealed(reply));
    }
    await says(client, server, "TYPE I", "200 Type is I");
    await entersPassiveMode(stage);
    await downloadsPassively(stage);
    await quits(stage);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "TLS", notice: "connection closed" }),
    none: ({ side, family }) =>
      family === "inet" && side === "reverse"
        ? fails({ by: "translation", at: "the 227", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
