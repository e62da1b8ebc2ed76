/**
 * The privileged half: the only process that may change rules. It takes requests for the sessions of one
 * proxy, builds the anchor's name itself, and empties what is left when the proxy is gone.
 *
 * `admit` lets through exactly the rules that this proxy writes for one data connection from host to host.
 * It reads the text into a `DataPath`, checks it, and renders it again; only the same text passes.
 *
 * @example
 * const helper = new Helper({ packetFilter, pid: 4711, parent: "ftp-proxy", rules, write, lookup });
 * process.stdin.on("data", (bytes) => helper.take(bytes));
 */

import { canonicalAddress } from "../address-text.ts";
import type { Endpoint } from "../host.ts";
import { failed, type LoadOutcome, type PacketFilter } from "../pf/packet-filter.ts";
import { type DataPath, type RuleOptions, renderRuleset } from "../session/ruleset.ts";
import { asRequest, encodeLine, type HelperAnswer, type HelperRequest, lineReader } from "./protocol.ts";

export interface HelperParts {
  readonly packetFilter: PacketFilter;
  /** The proxy's pid: the anchors are `PARENT/PID.ID`. */
  readonly pid: number;
  readonly parent: string;
  readonly rules: RuleOptions;
  readonly write: (bytes: Uint8Array) => void;
  readonly lookup: (client: Endpoint, local: Endpoint) => Promise<Endpoint | undefined>;
  /** The proxy broke the protocol: end the connection to it. */
  readonly giveUp: (why: string) => void;
}

export class Helper {
  readonly #parts: HelperParts;
  readonly #read: (bytes: Uint8Array) => void;
  readonly #ids = new Set<number>();

  constructor(parts: HelperParts) {
    this.#parts = parts;
    this.#read = lineReader((message) => this.#takeMessage(message), parts.giveUp);
  }

  take(bytes: Uint8Array): void {
    this.#read(bytes);
  }

  /** The proxy is gone: empties its anchors. Returns the ids of those that still have rules. */
  async end(): Promise<readonly number[]> {
    const { packetFilter } = this.#parts;
    const ids = [...this.#ids];
    const outcomes = await Promise.all(ids.map((id) => packetFilter.flush(this.#anchor(id))));
    await packetFilter.close();
    return ids.filter((_, at) => outcomes[at]?.ok !== true);
  }

  #takeMessage(message: unknown): void {
    const request = asRequest(message);
    if (request === undefined) this.#parts.giveUp("an invalid request");
    else void this.#answer(request).then((answer) => this.#parts.write(encodeLine(answer)));
  }

  async #answer(request: HelperRequest): Promise<HelperAnswer> {
    const { number } = request;
    switch (request.do) {
      case "load":
        return { number, outcome: await this.#load(request.id, request.rules) };
      case "flush": {
        const outcome = await this.#parts.packetFilter.flush(this.#anchor(request.id));
        if (outcome.ok) this.#ids.delete(request.id);
        return { number, outcome };
      }
      case "lookup":
        return { number, original: (await this.#parts.lookup(request.client, request.local)) ?? null };
      default:
        return request satisfies never;
    }
  }

  #load(id: number, rules: string): Promise<LoadOutcome> | LoadOutcome {
    const admitted = admit(rules, this.#parts.rules);
    if (admitted === undefined) return failed("begin", "not a rule for one data connection");
    this.#ids.add(id);
    return this.#parts.packetFilter.load(this.#anchor(id), admitted);
  }

  #anchor(id: number): string {
    return `${this.#parts.parent}/${this.#parts.pid}.${id}`;
  }
}

/** docs/reference/ftp-proxy/rules.md: no data port below 1024; PP from 49152. */
const lowestPort = 1024;
const lowestProxyPort = 49_152;

const entering =
  /^(?:pass|match) in [^"\n]*?from (\S+) to (\S+) port = (\d+) flags S\/SA [^"\n]*rdr-to (\S+) port (\d+)$/;
const leaving = /^(?:pass|match) out [^"\n]*?from \S+ to \S+ port = \d+ flags S\/SA [^"\n]*nat-to (\S+?)( port 20)?$/;
const redirecting = /^rdr \S+ proto tcp from (\S+) to (\S+) port = (\d+) -> (\S+) port (\d+)$/;
const translating = /^nat \S+ proto tcp from \S+ to \S+ port = \d+ -> (\S+?)( port 20)?$/;

export function admit(text: string, options: RuleOptions): string | undefined {
  for (const mode of ["passive", "active"] as const) {
    const path = readPath(text, mode, options);
    if (path !== undefined && isHostToHost(path) && renderRuleset(path, options) === text) return text;
  }
  return undefined;
}

function readPath(text: string, mode: DataPath["mode"], options: RuleOptions): DataPath | undefined {
  const [first = "", second = ""] = text.split("\n");
  const classic = options.era === "rdr-anchor";
  const inward = (classic ? redirecting : entering).exec(first);
  const outward = (classic ? translating : leaving).exec(second);
  if (inward === null || outward === null) return undefined;
  const [, source = "", seen = "", proxyPort, target = "", port] = inward;
  const ends =
    mode === "passive"
      ? { client: source, original: seen, server: target, proxy: outward[1] ?? "" }
      : { server: source, proxy: seen, client: target, original: outward[1] ?? "" };
  const ports = { port: Number(port), proxyPort: Number(proxyPort) };
  return { mode, ...ends, ...ports, fromPort20: outward[2] !== undefined };
}

function isHostToHost(path: DataPath): boolean {
  const hosts = [path.client, path.original, path.server, path.proxy];
  const families = new Set(hosts.map((host) => host.includes(":")));
  return (
    families.size === 1 &&
    hosts.every((host) => canonicalAddress(host) === host) &&
    path.port >= lowestPort &&
    path.port < 65_536 &&
    path.proxyPort >= lowestProxyPort &&
    path.proxyPort < 65_536
  );
}
