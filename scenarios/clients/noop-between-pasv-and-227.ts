import { asWithoutProxy, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "A keep-alive NOOP between a passive command and its reply",
  who: "FluentFTP, node-ftp and others send NOOP by a clock of their own. When it falls behind a PASV or EPSV whose reply is still out, ftp-proxy(8) forgets the command and opens nothing.",
  sources: [
    "mscdex/node-ftp PR #151",
    "ftp-proxy.c 1.41: client_parse",
    "captures/quirks/noop-between-pasv-and-227.txt",
  ],
  topic: "pipelining",
  async negotiates(client, command) {
    await client.sends(command);
    await client.sends("NOOP");
    const passive = await client.answer();
    await client.answer();
    client.dialsAsToldIn(passive);
  },
  expect: {
    "ftp-proxy": asWithoutProxy("passive"),
  },
});
