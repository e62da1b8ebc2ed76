/**
 * What a blocked packet's sender is told: nothing, a reset, or an ICMP error, as the rule says.
 */

import { isIcmp, type Packet, PROTOCOL, TCP_FLAG } from "../../packet.ts";
import { icmpError, resetFor } from "../answers.ts";
import { type Description, FRAGMENT } from "../description.ts";
import type { Kernel } from "../kernel.ts";
import type { LoadedRule } from "./loaded-rule.ts";

/** RFC 792 and RFC 4443: unreachable, port. */
const UNREACHABLE = { type: 3, port: 3 } as const;
const UNREACHABLE6 = { type: 1, port: 4 } as const;

export function answerBlocked(kernel: Kernel, description: Description, rule: LoadedRule): Packet | undefined {
  const answer = rule.filter?.answer;
  if (answer === undefined || answer.kind === "drop" || description.virtualProtocol === FRAGMENT) return undefined;
  const { family, protocol, flags, packet } = description;
  const resets = answer.kind === "return" || answer.kind === "return-rst";
  if (resets && protocol === PROTOCOL.tcp && !(flags & TCP_FLAG.R)) {
    return resetFor(description, answer.kind === "return-rst" ? answer.ttl : undefined);
  }
  if (answer.kind === "return-rst") return undefined;
  if (isIcmp(packet) && !mayBeAnswered(family, packet.type)) return undefined;
  const given = answer.kind === "return-icmp" ? answer : undefined;
  return family === "inet"
    ? icmpError(kernel, description, UNREACHABLE.type, given?.code ?? UNREACHABLE.port)
    : icmpError(kernel, description, given?.type6 ?? UNREACHABLE6.type, given?.code6 ?? UNREACHABLE6.port);
}

/** ip_icmp.h: ICMP_INFOTYPE(); pf.c for IPv6: from echo request on, but redirects. */
function mayBeAnswered(family: "inet" | "inet6", type: number): boolean {
  if (family === "inet6") return type >= 128 && type !== 137;
  return type === 0 || type === 8 || type === 9 || type === 10 || (type >= 13 && type <= 18);
}
