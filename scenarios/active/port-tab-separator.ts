import { fails, logsIn, says, scenario } from "anchorage";

export default scenario({
  title: "PORT with a tab after it",
  quirk:
    "To a server that takes any white space this is a PORT; ftp-proxy(8) knows `PORT` and a blank, lets the line pass as it is and opens nothing. The server dials the client's own address, and the firewall lets nobody through.",
  sources: ["RFC 959 §5.3", "ftp-proxy.c 1.41 client_parse_cmd", "captures/quirks/port-tab-separator.txt"],
  priority: 2,
  modes: ["active"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.listensForData();
    await client.sends(`PORT\t${client.hostPort}`);
    await server.gets(/^PORT\t\d+(,\d+){5}$/);
    await server.sends("200 PORT command successful");
    await client.gets(200);
    await anchor.isEmpty();
    await says(client, server, "RETR file", "150 Here it comes");
    await server.dialsData({ to: { address: client.address, port: client.dataPort } });
  },
  // nf_conntrack_ftp: a PORT that it cannot read to its end is dropped.
  expect: {
    "ftp-proxy": ({ side }) =>
      side === "forward"
        ? fails({ by: "translation", at: "PORT", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
    conntrack: fails({ by: "network", at: "PORT", notice: "hangs" }),
  },
});
