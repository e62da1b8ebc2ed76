import { fails, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "PORT and EPRT refused by the server",
  who: "A server with active mode turned off answers PORT with 500 or 502. ftp-proxy(8) has loaded its rules before, and never looks at the answer: they stay until the session ends.",
  sources: [
    "RFC 959 §5.4",
    "curl tests/data/test1414",
    "ftp-proxy.c 1.41 client_parse",
    "captures/quirks/port-refused-by-server.txt",
  ],
  priority: 1,
  commands: {
    PORT: (session) => session.says("500 PORT not understood"),
    EPRT: (session) => session.says("500 EPRT not understood"),
  },
  expect: {
    "ftp-proxy": fails({ by: "server", notice: "500" }),
    conntrack: fails({ by: "server", notice: "500" }),
    none: fails({ by: "server", notice: "500" }),
  },
});
