import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "An active command and RETR in one segment",
  who: "Fast scripts do not wait for the 200. ftp-proxy(8) of today has loaded its rules before it looks at RETR, so all goes well; the generation that waited for the 200 has forgotten the PORT by then.",
  sources: [
    "ftp-proxy.c 1.41: client_parse",
    "Cisco ASA guide, command pipelining",
    "captures/quirks/pipelined-port-retr.txt",
  ],
  priority: 1,
  topic: "pipelining",
  errands: ["fetch"],
  commands: {
    PORT: ({ hostPort }) => ({ in: [`PORT ${hostPort}\r\nRETR file.bin\r\n`] }),
    EPRT: ({ extendedHostPort }) => ({ in: [`EPRT ${extendedHostPort}\r\nRETR file.bin\r\n`] }),
    RETR: null,
  },
  expect: { classic: fails({ by: "firewall", at: "data connection", notice: "425" }) },
});
