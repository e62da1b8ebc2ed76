import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "A login that names the server, for a proxy of another kind",
  who: "Clients set up for an application proxy log in as USER@HOST. ftp-proxy(8) is not of that kind: the name goes to the server that the client dialled, as it is.",
  sources: ["lftp(1) ftp:proxy-auth-type", "FluentFTP #1258", "captures/quirks/login-style-proxy-user.txt"],
  priority: 3,
  topic: "commands",
  commands: { USER: ({ argument }) => `USER ${argument}@ftp.example.org` },
});
