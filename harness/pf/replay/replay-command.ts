/**
 * pfctl commands that were run on the firewall in the middle of a case.
 */

import type { Firewall } from "../engine/firewall.ts";
import { parseRuleset } from "../language/parse.ts";
import { INTERFACES } from "./topology.ts";

/** What it printed; undefined where the replay does not look. */
export function runCommand(firewall: Firewall, command: string, stdin: string): string | undefined {
  const words = command.split(" ");
  const now = firewall.now();
  if (command === "pfctl -o none -f -") {
    firewall.load("", parseRuleset(stdin, { interfaces: INTERFACES }).ruleset);
    return "";
  }
  if (command === "pfctl -Fs") return `${firewall.flushStates()} states cleared\n`;
  if (command.startsWith("pfctl -k")) {
    const host = words[2] ?? "";
    const killed = firewall.killStates(({ wire, direction }) => wire.addresses[direction === "in" ? 0 : 1] === host);
    return `killed ${killed} states from 1 sources and 0 destinations\n`;
  }
  if (command.endsWith("-Fr")) {
    firewall.flushRules(words[2] ?? "");
    return "rules cleared\n";
  }
  if (words[1] === "-t") {
    const table = firewall.tables.get("", words[2] ?? "");
    const text = words[5] ?? "";
    const negated = text.startsWith("!");
    const [address = "", prefix = "32"] = text.replace("!", "").split("/");
    if (words[4] === "add") table?.add({ address, prefix: Number(prefix), negated }, now);
    if (words[4] === "delete") table?.delete(address, Number(prefix));
  }
  return undefined;
}
