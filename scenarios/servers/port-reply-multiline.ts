import { fails, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "PORT and EPRT answered with 200 in two lines",
  who: "A careful server answers PORT with two lines, `200-` first. Today's ftp-proxy(8) does not read that reply; its classic generation waited for a line that begins with `200 `, and took the first line for another answer.",
  sources: ["RFC 959 §4.2", "ftp-proxy.c 1.13: server_parse", "docs/reference/clients.jsonl"],
  replies: {
    PORT: "200-PORT command\r\n200 PORT command successful",
    EPRT: "200-EPRT command\r\n200 EPRT command successful",
  },
  expect: { classic: fails({ by: "firewall", at: "data connection" }) },
});
