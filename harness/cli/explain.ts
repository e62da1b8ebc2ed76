/** `anchorage explain pf.conf PACKET…`: PF's packet tracer. Exit status 1 if the rules do not load. */

import { Command } from "commander";
import type { Era } from "../pf/language/eras.ts";
import { type Finish, UsageError } from "./exit-status.ts";
import { type FirewallOptions, firewallOf, inputName, readInput } from "./input.ts";
import { addFirewallOptions, eraOption, releaseOption } from "./options.ts";

interface Options extends FirewallOptions {
  readonly anchor?: readonly string[];
  readonly packets?: string;
  readonly era?: Era;
  readonly release?: string;
  readonly json?: boolean;
}

const GRAMMAR = `
A packet is written
  in|out on IF [inet|inet6] tcp|udp|icmp|icmp6 SRC[:port] -> DST[:port]
      [flags SA] [data BYTES] [type T] [code C] [tagged X]
An IPv6 address with a port is in brackets: [2001:db8::1]:21. A TCP packet is a SYN unless flags say
otherwise. \`out on IF\` alone forwards the packet before it. Packets go through one firewall in turn:
the states that one makes are there for the next.

Example:
  anchorage explain pf.conf 'in on em1 tcp 10.0.0.5:40000 -> 192.0.2.21:80' 'out on em0'`;

export const explainCommand = (finish: Finish): Command =>
  addFirewallOptions(new Command("explain"))
    .description("which rules a packet meets, why each matches or not, and what happens to it")
    .argument("<file>", "pf.conf, or - for standard input")
    .argument("[packet...]", "packets, tried in this order")
    .option("--packets <file>", "packets from a file (or -), one a line; # begins a comment")
    .option("--anchor <name=file...>", "load the rules of an anchor")
    .addOption(eraOption("--era <era>", "PF language of the text (default: guessed)"))
    .addOption(releaseOption())
    .option("--json", "as JSON")
    .addHelpText("after", GRAMMAR)
    .action(async (path: string, given: string[], options: Options) => {
      const packets = [...given, ...(options.packets === undefined ? [] : linesOf(readInput(options.packets)))];
      if (packets.length === 0) throw new UsageError("explain needs a packet, as an argument or with --packets");
      const { explain, explainReport } = await import("../tools/explain/explain.ts");
      const { PacketTextError } = await import("../tools/explain/packet-text.ts");
      const anchors = (options.anchor ?? []).map(anchorFile);
      try {
        const explanation = explain(readInput(path), packets, {
          file: inputName(path),
          anchors,
          ...firewallOf(path, options),
          ...(options.era && { era: options.era }),
          ...(options.release && { release: options.release }),
        });
        const { errors } = explanation;
        finish(errors.length === 0 ? 0 : 1);
        if (options.json === true) console.log(JSON.stringify(explanation, null, 2));
        else if (errors.length === 0) process.stdout.write(explainReport(explanation), "latin1");
        else for (const { file, line, text } of errors) console.error(`${file}:${line}: ${text}`);
      } catch (error) {
        if (error instanceof PacketTextError) throw new UsageError(error.message);
        throw error;
      }
    });

const linesOf = (text: string): readonly string[] =>
  text
    .split("\n")
    .map((line) => line.replace(/#.*$/, "").trim())
    .filter((line) => line !== "");

function anchorFile(text: string): { readonly name: string; readonly file: string; readonly text: string } {
  const [name, file] = text.split(/=(.*)/s);
  if (name === undefined || name === "" || file === undefined) {
    throw new UsageError(`--anchor needs NAME=FILE, not "${text}"`);
  }
  return { name, file: inputName(file), text: readInput(file) };
}
