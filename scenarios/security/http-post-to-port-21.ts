import { activeCommand, fails, scenario } from "anchorage";

/** What the attacker wants to reach inside. */
const PORT = 6_425;

export default scenario({
  title: "A web page's POST to port 21",
  quirk:
    "A page makes a browser send a form to an FTP port, and one line of it is a PORT or EPRT. ftp-proxy(8) knows neither login nor greeting: it opens the way, and the attacker's server reaches the browser's host. A known weakness; browsers block port 21 for it.",
  sources: ["samyk/slipstream README", "quirks-seen: http-post-to-port-21"],
  priority: 1,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await client.connects();
    await client.listensForData(PORT);
    const head = ["POST / HTTP/1.1", "Host: ftp.example.org:21", "Content-Type: text/plain", ""];
    await client.sendsSegments([...head, activeCommand(family, client), ""].join("\r\n"));
    await server.accepts();
    await server.getsBytes(head.map((line) => `${line}\r\n`).join(""));
    await server.gets(/^(PORT|EPRT) /);
    await anchor.holdsActive({
      proxyPort: server.activePort,
      clientPort: PORT,
      extended: family === "inet6",
      withoutConsent: true,
    });
    const attacking = await server.dialsData();
    const attacked = await client.acceptsData();
    await attacking.sendsFile("attack");
    await attacked.getsFile("attack");
  },
  expect: {
    conntrack: ({ side, family }) =>
      family === "inet" && side === "forward"
        ? fails({ at: "PORT", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
    classic: fails({ by: "firewall", at: "data connection", notice: "connection closed" }),
    none: ({ side, family }) =>
      family === "inet" && side === "forward"
        ? fails({ by: "server", at: "PORT", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
