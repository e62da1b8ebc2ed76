import { fails, quits, says, scenario, worksAfterDetour } from "anchorage";

const REFUSAL = "500 Only anonymous FTP allowed";

/** Lines that begin with U, and are neither `USER ftp` nor `USER anonymous` to the letter. */
const REFUSED = ["USER root", "USER anonymous ", "user  ftp", "UTF8 ON"];

export default scenario({
  title: "A named user, with -A",
  quirk:
    "With -A, ftp-proxy(8) answers a USER other than ftp and anonymous itself, the one reply that it ever writes, and the server never hears of it. It looks at the first letter, so every command with U gets that answer, and a blank before USER gets past.",
  sources: ["ftp-proxy(8) -A", "quirks-seen: anonymous-only-mode", "captures/openbsd-7.8/anon_refuse.txt"],
  priority: 1,
  proxyArgs: ["-A"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await client.connects();
    await server.accepts();
    await server.sends("220 Ready");
    await client.gets("220 Ready");
    for (const line of REFUSED) {
      await client.sends(line);
      await client.gets(REFUSAL);
    }
    await server.hearsNothing(500);
    await says(client, server, " USER root", "500 What?");
    await says(client, server, "uSeR FTP", "331 Any password will do");
    await says(client, server, "PASS guest@example.org", "230 Logged in");
    await anchor.isEmpty();
    await quits(stage);
  },
  expect: {
    "ftp-proxy": worksAfterDetour(),
    conntrack: fails({ by: "server", at: "the login", notice: "hangs" }),
    none: fails({ by: "server", at: "the login", notice: "hangs" }),
  },
});
