import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT with port 0",
  who: "A client asks for its port before it has one, and prints 0. ftp-proxy(8) ends the session.",
  sources: ["RFC 959 §5.3.2", "ftp-proxy.c 1.41 parse_port"],
  families: ["inet"],
  commands: { PORT: ({ address }) => `PORT ${address.replaceAll(".", ",")},0,0` },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "PORT", notice: "connection closed", log: "bad port in", anchor: "empty" }),
    conntrack: fails({ by: "network", at: "PORT", notice: "hangs" }),
  },
});
