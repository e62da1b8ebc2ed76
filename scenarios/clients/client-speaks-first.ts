import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "A client that speaks before the greeting",
  who: "Scripts write their commands as soon as they are connected, to the proxy that is; the server may not be reached yet. ftp-proxy(8) keeps them for the server all the same.",
  sources: ["RFC 959 §5.4", "quirks-seen: client-speaks-first", "captures/openbsd-7.8/early_client.txt"],
  topic: "timing",
  modes: ["active"],
  commands: { PASS: null },
  async does(client, errands) {
    await client.dials();
    await client.writes({ in: ["USER anonymous\r\nPASS guest@example.org\r\n"] });
    await client.greeted();
    await client.answer();
    await client.answer();
    for (const errand of errands) await client.does(errand);
    await client.quits();
  },
});
