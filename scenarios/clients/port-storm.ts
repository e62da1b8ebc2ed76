import { fails, quirkyClient, works } from "anchorage";

/** The real program took ten thousand; each is a transaction with PF. */
const COMMANDS = 200;

export default quirkyClient({
  title: "Two hundred PORT commands in one breath",
  who: "A client, broken or hostile, negotiates again and again without using it. Each command replaces the rules of the one before, so in the end the anchor holds those of the last, and they work.",
  sources: ["ftp-proxy.c 1.41: allow_data_connection", "quirks-seen: port-storm"],
  topic: "security",
  modes: ["active"],
  errands: ["fetch"],
  async transfers(client, wish) {
    const [verb] = client.plainNegotiation("active");
    for (let count = 0; count < COMMANDS; count++) await client.sends(verb, client.argumentOf(verb));
    for (let count = 0; count < COMMANDS; count++) await client.answer();
    return client.transfers(wish);
  },
  expect: {
    conntrack: ({ side, family }) =>
      (family === "inet") === (side === "forward")
        ? fails({ by: "network", at: ["PORT", "EPRT"], notice: "hangs" })
        : works,
  },
});
