import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "The dialogue of Windows ftp.exe",
  who: "It turns UTF8 on before it logs in, knows neither PASV nor EPSV, and stores and fetches by PORT alone.",
  sources: ["Windows 10 ftp.exe, as seen in public captures", "vsftpd: 530 Please login with USER and PASS"],
  topic: "commands",
  families: ["inet"],
  modes: ["active"],
  errands: ["list", "fetch", "store"],
  commands: { LIST: "NLST" },
  asks: { beforeLogin: ["OPTS UTF8 ON"], afterLogin: [] },
});
