/**
 * The messages between the proxy and its privileged helper: one JSON object a line. Each end checks every
 * field of a message.
 *
 * @example
 * encodeLine({ number: 1, do: "load", id: 3, rules: "pass in quick …\n" });
 */

import type { Endpoint } from "../host.ts";
import type { LoadOutcome } from "../pf/packet-filter.ts";

export type HelperRequest =
  | { readonly number: number; readonly do: "load"; readonly id: number; readonly rules: string }
  | { readonly number: number; readonly do: "flush"; readonly id: number }
  /** Under rdr: which address did this client dial? */
  | { readonly number: number; readonly do: "lookup"; readonly client: Endpoint; readonly local: Endpoint };

export type HelperAnswer =
  | { readonly number: number; readonly outcome: LoadOutcome }
  | { readonly number: number; readonly original: Endpoint | null };

/** Neither end writes a longer line; the connection ends at one. */
const longestLine = 8192;

export function encodeLine(message: HelperRequest | HelperAnswer): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(message)}\n`);
}

/** Cuts a byte stream into lines of JSON; `broken` is called once, and nothing after it. */
export function lineReader(
  take: (message: unknown) => void,
  broken: (why: string) => void,
): (bytes: Uint8Array) => void {
  let text = "";
  let dead = false;
  const decoder = new TextDecoder();
  return (bytes) => {
    if (dead) return;
    text += decoder.decode(bytes, { stream: true });
    for (let end = text.indexOf("\n"); end >= 0 && !dead; end = text.indexOf("\n")) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      try {
        take(JSON.parse(line));
      } catch {
        dead = true;
        broken("a line that is not JSON");
      }
    }
    if (!dead && text.length > longestLine) {
      dead = true;
      broken("a line without an end");
    }
  };
}

export function asRequest(message: unknown): HelperRequest | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  const { number, do: what, id, rules, client, local } = message as Record<string, unknown>;
  if (!isCount(number)) return undefined;
  if (what === "load" && isCount(id) && typeof rules === "string") return { number, do: what, id, rules };
  if (what === "flush" && isCount(id)) return { number, do: what, id };
  const [from, to] = [asEndpoint(client), asEndpoint(local)];
  if (what === "lookup" && from && to) return { number, do: what, client: from, local: to };
  return undefined;
}

export function asAnswer(message: unknown): HelperAnswer | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  const { number, outcome, original } = message as Record<string, unknown>;
  if (!isCount(number)) return undefined;
  if (original === null) return { number, original };
  const endpoint = asEndpoint(original);
  if (endpoint !== undefined) return { number, original: endpoint };
  const checked = asOutcome(outcome);
  return checked && { number, outcome: checked };
}

function asOutcome(value: unknown): LoadOutcome | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { ok, failure } = value as { readonly ok?: unknown; readonly failure?: Record<string, unknown> };
  if (ok === true) return { ok };
  const { stage, reason } = failure ?? {};
  if (ok !== false || typeof reason !== "string") return undefined;
  return stage === "begin" || stage === "add" || stage === "commit" ? { ok, failure: { stage, reason } } : undefined;
}

function asEndpoint(value: unknown): Endpoint | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { address, port } = value as Record<string, unknown>;
  const isText = typeof address === "string" && /^[0-9a-fA-F:.]{2,45}$/.test(address);
  return isText && isCount(port) && port < 65_536 ? { address, port } : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
