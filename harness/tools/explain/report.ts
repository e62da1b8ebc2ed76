/** An explanation as text for people. */

import { isLoopbackInterface } from "../../pf/engine/interfaces.ts";
import type { Explained, Explanation } from "./explain.ts";

export function explainReport({ packets, interfaces, guessed }: Explanation): string {
  return `${guessed ? guess(interfaces) : ""}${packets.map(packetReport).join("\n")}`;
}

function guess(interfaces: Explanation["interfaces"]): string {
  const list = interfaces
    .filter((one) => !isLoopbackInterface(one))
    .map(({ name, groups, addresses }) => {
      const group = groups.length === 0 ? "" : ` (${groups.join(" ")})`;
      return `${name}${group} ${addresses.map(({ address, prefix }) => `${address}/${prefix}`).join(" ")}`.trimEnd();
    });
  return `Interfaces are guessed (--interfaces tells them): ${list.join("; ")}\n\n`;
}

function packetReport(one: Explained): string {
  const width = Math.max(0, ...one.considered.map(({ path }) => path.length));
  const lines = one.considered.flatMap(({ path, line, text, matched, because }) => [
    `  ${matched ? "*" : " "} ${path.padEnd(width)}  line ${String(line).padEnd(4)} ${text}`,
    `    ${" ".repeat(width)}            ${because}`,
  ]);
  return `${[one.packet, ...lines, ...outcome(one).map((line) => `  ${line}`)].join("\n")}\n`;
}

function outcome(one: Explained): readonly string[] {
  const by =
    one.decidedBy === undefined
      ? one.considered.length > 0
        ? ", no rule matched: the default passes, without state"
        : one.unasked === undefined
          ? ""
          : `, no rule was asked: ${one.unasked === "a state" ? "it belongs to a state" : one.unasked}`
      : ` by rule ${one.decidedBy}`;
  const reason = one.reason === undefined || one.reason === "match" ? "" : ` (${one.reason})`;
  return [
    `=> ${one.verdict}${by}${reason}`,
    ...(one.becomes === undefined ? [] : [`   goes on as ${one.becomes}`]),
    ...(one.divert === undefined ? [] : [`   diverted to ${one.divert}`]),
    ...(one.route === undefined ? [] : [`   routed to ${one.route}`]),
    ...(one.tag === undefined ? [] : [`   tagged ${one.tag}`]),
    ...one.states.map(({ what, line }) => `   state ${what === "of" ? "of it" : what}: ${line}`),
    ...one.answers.map((answer) => `   answered with ${answer}`),
  ];
}
