import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT, then PASV, then PORT again",
  who: "Clients that look for the mode that works say PORT and PASV one after the other. The last one counts: its two rules take the place of the other two, and the earlier way is closed.",
  sources: [
    "RFC 959 §4.1.2",
    "FluentFTP AutoActive, AutoPassive",
    "ftp-proxy.c 1.41",
    "quirks-seen: port-pasv-alternate",
  ],
  modes: ["active", "passive"],
  async transfers(client, wish) {
    const { mode = "active" } = wish;
    await client.negotiates(...client.plainNegotiation(mode === "active" ? "passive" : "active"));
    await client.negotiates(...client.plainNegotiation(mode));
    return client.transfers(wish);
  },
});
