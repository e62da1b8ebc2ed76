import { scenario } from "anchorage";

export default scenario({
  title: "A greeting in HTTP",
  quirk:
    "A web server listens on port 21. ftp-proxy(8) does not guess protocols: the line goes on to the client, which gives up.",
  sources: ["curl test2045", "captures/quirks/banner-no-code.http.txt"],
  priority: 3,
  async play({ client, server, anchor }) {
    await client.connects();
    await server.accepts();
    await server.sends("HTTP/1.1 200 OK");
    await client.gets("HTTP/1.1 200 OK");
    await client.closes();
    await server.seesClose();
    await anchor.isEmpty();
  },
});
