import {
  downloadsPassively,
  entersActiveMode,
  entersPassiveMode,
  fails,
  logsIn,
  quits,
  scenario,
  uploadsActively,
} from "anchorage";

export default scenario({
  title: "A proxy that dials from the second of two addresses",
  quirk:
    "With several outside addresses, -a chooses the one that servers see. The control connection comes from it, the translation of passive data uses it, and PORT names it. A server that takes data only from its client's address refuses any other.",
  sources: ["ftp-proxy(8) -a", "ftp-proxy.c 1.41: fixed_proxy"],
  priority: 2,
  modes: ["active", "passive"],
  needs: ["second-address"],
  proxyArgs: ["-a", "{second}"],
  async play(stage) {
    const { server, roles, log } = stage;
    await log.says(`using ${roles.proxy} to connect to servers`);
    await logsIn(stage);
    await stage.step("server", "is dialled from the second address", (_, differs) => {
      if (server.peerAddress !== roles.proxy) differs("dialogue", roles.proxy, server.peerAddress);
    });
    await entersPassiveMode(stage);
    await downloadsPassively(stage);
    await entersActiveMode(stage);
    await uploadsActively(stage);
    await quits(stage);
  },
  expect: {
    none: ({ side, family }) =>
      family === "inet" && side === "reverse"
        ? fails({ by: "translation", at: "the 227", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
