import { entersActiveMode, logsIn, quits, says, scenario, works } from "anchorage";

export default scenario({
  title: "A server that says 200 to everything",
  quirk:
    "Toy servers and honeypots. A 200 in answer to PASV or EPSV clears the memory of ftp-proxy(8) and opens nothing; a PORT or EPRT loads rules before anybody has answered.",
  sources: ["basic-ftp #170", "quirks-seen: server-200-to-everything"],
  priority: 2,
  modes: ["active", "passive"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await logsIn(stage);
    await says(client, server, "AUTH TLS", "200 OK");
    await says(client, server, family === "inet" ? "PASV" : "EPSV", "200 OK");
    await anchor.isEmpty();
    await entersActiveMode(stage);
    await says(client, server, "SYST", "200 OK");
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    none: works,
  },
});
