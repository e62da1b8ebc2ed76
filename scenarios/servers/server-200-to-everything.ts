import { fails, quirkyServer } from "anchorage";

const noPort = fails({ by: "server", at: ["PASV", "EPSV"], notice: "cannot read a port" });

export default quirkyServer({
  title: "A server that says 200 to everything",
  who: "Toy servers and honeypots. A 200 in answer to PASV or EPSV clears the memory of ftp-proxy(8) and opens nothing; a PORT or EPRT loads rules before anybody has answered.",
  sources: ["basic-ftp #170", "quirks-seen: server-200-to-everything"],
  topic: "replies",
  modes: ["passive"],
  async begins(session) {
    await session.replies("greeting");
    for (;;) {
      await session.nextLine();
      await session.says("200 OK");
    }
  },
  expect: { "ftp-proxy": noPort, conntrack: noPort, none: noPort },
});
