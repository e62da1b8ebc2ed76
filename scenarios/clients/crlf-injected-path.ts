import { quirkyClient, works } from "anchorage";

export default quirkyClient({
  title: "A path with a line's end and a PORT in it",
  who: "A crafted URL makes a careless client send `RETR a` and a second command behind it. A proxy sees two honest lines and opens what the second asks for; only the client could have known.",
  sources: ["basic-ftp GHSA-chqc-8p9q-pq6q", "curl test2115", "captures/quirks/crlf-injected-path.txt"],
  topic: "security",
  modes: ["active"],
  errands: ["talk"],
  commands: {
    RETR: ({ address, hostPort, extendedHostPort }) =>
      `RETR a\r\n${address.includes(":") ? `EPRT ${extendedHostPort}` : `PORT ${hostPort}`}`,
  },
  async does(client, wishes) {
    await client.connects();
    await client.logsIn();
    await client.listensForData();
    await client.sends("RETR");
    await client.answer();
    await client.answer();
    for (const wish of wishes) await client.does(wish);
    await client.quits();
  },
  expect: {
    none: works,
  },
});
