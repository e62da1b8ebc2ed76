/** netstat(1), as the lab calls it: `netstat -an -f inet`, of which the listening sockets of TCP are all that is shown. */

import { readFileSync } from "node:fs";
import { addressText } from "../../../harness/net/wire/address.ts";
import { type Command, done, Unable } from "./command.ts";

/** proc(5): TCP_LISTEN in /proc/net/tcp. */
const LISTENING = "0A";
const TABLES: Readonly<Record<string, string>> = { inet: "tcp", inet6: "tcp6" };

export const netstat: Command = ({ args, pid }) => {
  const [all, option, family = ""] = args;
  const table = TABLES[family];
  if (all !== "-an" || option !== "-f" || table === undefined) throw new Unable(`netstat ${args.join(" ")}`);
  const lines = readFileSync(`/proc/${pid}/net/${table}`, "latin1").split("\n");
  const found = lines.map((line) => line.trim().split(/\s+/)).filter((fields) => fields[3] === LISTENING);
  const shown = found.map(
    ([, local = ""]) => `tcp          0      0  ${localName(local)}         *.*         LISTEN\n`,
  );
  return done(`Active Internet connections (including servers)\n${shown.join("")}`);
};

/** @example localName("0100007F:1F55") // "127.0.0.1.8021" */
function localName(local: string): string {
  const [hex = "", port = ""] = local.split(":");
  // Words of 32 bits, as a little-endian machine has them.
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, "hex").reverse()]);
  const address = bytes.every((byte) => byte === 0) ? "*" : addressText(Uint8Array.from(bytes));
  return `${address}.${Number.parseInt(port, 16)}`;
}
