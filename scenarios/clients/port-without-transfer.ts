import { quirkyClient, works } from "anchorage";

export default quirkyClient({
  title: "PORT and no transfer",
  who: "A client says PORT, is silent for minutes and quits. The rules of ftp-proxy(8) do not grow old: the way in stays open for the server until the session ends, and then it is closed.",
  sources: ["RFC 959 §3.2", "ftp-proxy.c 1.41 end_session", "captures/quirks/port-without-transfer.txt"],
  modes: ["active"],
  errands: ["talk"],
  async does(client, wishes) {
    await client.connects();
    await client.logsIn();
    await client.negotiates(...client.plainNegotiation("active"));
    await client.waits(client.options.waits.replyMs * 4);
    for (const wish of wishes) await client.does(wish);
    await client.quits();
  },
  expect: { none: works },
});
