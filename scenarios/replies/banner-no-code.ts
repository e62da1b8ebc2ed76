import { scenario } from "anchorage";

export default scenario({
  title: "A greeting without a code",
  quirk:
    "A home-made server greets in words. The first byte ends the 30 s of ftp-proxy(8), whatever it is; what to make of it is the client's affair.",
  sources: ["python/cpython #123911", "captures/quirks/banner-no-code.text.txt"],
  priority: 3,
  async play({ client, server, anchor }) {
    await client.connects();
    await server.accepts();
    await server.sends("Hello, please log in");
    await client.gets("Hello, please log in");
    await client.closes();
    await server.seesClose();
    await anchor.isEmpty();
  },
});
