import { asWithoutProxy, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "Login and passive command in one segment",
  who: "A script writes USER, PASS and the passive command at once. The 331 and the 230 come before the 227 or 229, each clears the memory of ftp-proxy(8), and the passive reply passes as it came.",
  sources: ["ftp-proxy.c 1.41: server_parse", "captures/openbsd-7.8/pipelined.txt"],
  topic: "pipelining",
  modes: ["passive"],
  errands: ["fetch"],
  commands: {
    USER: ({ passive }) => ({ in: [`USER anonymous\r\nPASS guest@example.org\r\nTYPE I\r\n${passive}\r\n`] }),
    PASS: null,
    TYPE: null,
    PASV: null,
    EPSV: null,
  },
  expect: {
    "ftp-proxy": asWithoutProxy("passive"),
  },
});
