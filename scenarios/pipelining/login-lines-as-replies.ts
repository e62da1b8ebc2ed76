import { any, asWithoutProxy, scenario } from "anchorage";
export default scenario({
  title: "A client that takes each line of a 230 for a reply",
  quirk: "It sends TYPE and PASV while the 230 is still coming; the last line of the 230 stands between PASV and 227.",
  sources: ["twisted/twisted #10719", "ftp-proxy.md §7"],
  priority: 2,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await client.connects();
    await server.accepts();
    await server.sends("220 Ready");
    await client.gets("220 Ready");
    await client.sends("USER a");
    await server.gets("USER a");
    await server.sends("331 Password");
    await client.gets("331 Password");
    await client.sends("PASS b");
    await server.gets("PASS b");
    await server.sends("230-Welcome");
    await client.gets("230-Welcome");
    await client.sends("TYPE I");
    await server.sends("230-Questions to us");
    await client.gets("230-Questions to us");
    await client.sends("PASV");
    await server.gets("TYPE I");
    await server.gets("PASV");
    await server.sends("230 User logged in");
    await server.sends("200 Type I");
    await server.listensForData();
    await server.sends(`227 Entering Passive Mode (${server.hostPort})`);
    await client.gets("230 User logged in");
    await client.gets("200 Type I");
    await client.gets(227);
    await anchor.isEmpty();
    await client.cannotOpenData("no-answer");
  },
  expect: { "ftp-proxy": asWithoutProxy("passive"), conntrack: any },
});
