/**
 * The options that ftp-proxy(8) does not have. All are long, all are off by default; the rest
 * of the command line is ftp-proxy's.
 *
 * @example
 * takeLongOptions(["-d", "--match-replies", "-D7"], "openbsd");
 * // { kind: "taken", rest: ["-d", "-D7"], options: { …, extensions: { matchReplies: true, … } } }
 */

import { canonicalAddress } from "./address-text.ts";
import { strtonum } from "./getopt.ts";
import type { Endpoint } from "./host.ts";
import type { ProxyOptions } from "./options.ts";
import type { Era, RuleOptions } from "./session/ruleset.ts";
import { type Extensions, type Generation, noExtensions } from "./session/setup.ts";

export interface LongOptions {
  readonly extensions: Extensions;
  readonly refuseSelf: boolean;
  readonly jsonLog: boolean;
  /** The user to become. */
  readonly user: string;
  readonly generation: Generation;
  readonly era: Era;
  /** Written before root is given up; it stays when the proxy ends. */
  readonly pidFile?: string;
  /** Another program in place of pfctl. */
  readonly pfctl?: string;
  /** A model that answers like pfctl. */
  readonly pfSocket?: Endpoint;
  readonly clientRdomain: number;
  readonly rtable: number;
  /** An open listening socket, for example one with TPROXY. */
  readonly listenDescriptor?: number;
  /** One pfctl per change. */
  readonly oneByOne: boolean;
}

export type TakenOptions =
  | { readonly kind: "taken"; readonly rest: readonly string[]; readonly options: LongOptions }
  | { readonly kind: "refused"; readonly stderr: string };

/** The change that one option makes, or the fault of its value. */
type Change = (Partial<Omit<LongOptions, "extensions">> & { readonly extensions?: Partial<Extensions> }) | string;

interface LongOption {
  /** Absent: a switch, whose value is empty. */
  readonly value?: string;
  readonly take: (value: string) => Change;
}

const change = (extensions: Partial<Extensions>): LongOption => ({ take: () => ({ extensions }) });

const known: Readonly<Record<string, LongOption>> = {
  "match-replies": change({ matchReplies: true }),
  "check-peer": change({ checkPeer: true }),
  "lenient-replies": change({ lenientReplies: true }),
  "epsv-only": change({ modes: new Set(["EPSV"]) }),
  "passive-only": change({ modes: new Set(["PASV", "EPSV"]) }),
  // Source of the range: that of -t.
  "line-timeout": number(86_400, (lineTimeout) => ({ extensions: { lineTimeout } })),
  "reply-421": change({ reply421: true }),
  tls: change({ tls: true }),
  "refuse-self": { take: () => ({ refuseSelf: true }) },
  "json-log": { take: () => ({ jsonLog: true }) },
  "one-by-one": { take: () => ({ oneByOne: true }) },
  user: { value: "name", take: (user) => ({ user }) },
  "pid-file": { value: "path", take: (pidFile) => ({ pidFile }) },
  pfctl: { value: "program", take: (pfctl) => ({ pfctl }) },
  generation: {
    value: "modern|classic|late-classic",
    take: (generation) => (isGeneration(generation) ? { generation } : "generation invalid"),
  },
  era: {
    value: "divert-to|rdr-to|rdr-anchor",
    take: (era) => (era === "divert-to" || era === "rdr-to" || era === "rdr-anchor" ? { era } : "era invalid"),
  },
  "pf-socket": { value: "address:port", take: socket },
  // Source: OpenBSD sys/net/rtable.h: RT_TABLEID_MAX 255.
  "client-rdomain": number(255, (clientRdomain) => ({ clientRdomain })),
  rtable: number(255, (rtable) => ({ rtable })),
  "listen-fd": number(1023, (listenDescriptor) => ({ listenDescriptor })),
};

function number(most: number, use: (value: number) => Change): LongOption {
  const take = (text: string) => {
    const value = strtonum(text, 0, most);
    return typeof value === "string" ? `number ${value}` : use(value);
  };
  return { value: "number", take };
}

function socket(text: string): Change {
  const found = /^\[?(.+?)\]?:(\d+)$/.exec(text);
  const address = canonicalAddress(found?.[1] ?? "");
  const port = Number(found?.[2] ?? 0);
  return address === undefined || port < 1 || port > 65_535 ? "address invalid" : { pfSocket: { address, port } };
}

const isGeneration = (text: string): text is Generation => ["modern", "classic", "late-classic"].includes(text);

/** FreeBSD's base system has ftp-proxy.c 1.19, its user and its language. */
function defaults(platform: string): LongOptions {
  const freebsd = platform === "freebsd";
  return {
    extensions: noExtensions,
    refuseSelf: false,
    jsonLog: false,
    user: freebsd ? "proxy" : "_ftp_proxy",
    generation: freebsd ? "late-classic" : "modern",
    era: freebsd ? "rdr-anchor" : "divert-to",
    clientRdomain: 0,
    rtable: 0,
    oneByOne: false,
  };
}

/** Unknown long options stay: ftp-proxy's parser refuses them in its words. */
export function takeLongOptions(args: readonly string[], platform: string): TakenOptions {
  let options = defaults(platform);
  const rest: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const [, name = "", attached] = /^--([a-z0-9-]+)(?:=(.*))?$/s.exec(args[at] ?? "") ?? [];
    const option = Object.hasOwn(known, name) ? known[name] : undefined;
    if (option === undefined) {
      rest.push(args[at] ?? "");
      continue;
    }
    const value = option.value === undefined ? "" : (attached ?? args[++at]);
    if (value === undefined) return refused(`--${name} requires an argument`);
    const changed = option.take(value);
    if (typeof changed === "string") return refused(`--${name}: ${changed}`);
    options = { ...options, ...changed, extensions: { ...options.extensions, ...changed.extensions } };
  }
  return { kind: "taken", rest, options };
}

/** The changes to a proxy's options. In the rdr eras the proxy needs an `originalDestination`, too. */
export function proxyChanges(options: LongOptions): Partial<ProxyOptions> & { readonly rules: RuleOptions } {
  const { extensions, refuseSelf, generation, era, clientRdomain, rtable } = options;
  return { extensions, refuseSelf, generation, rules: { era, clientRdomain, rtable } };
}

function refused(problem: string): TakenOptions {
  return { kind: "refused", stderr: `ftp-proxy: ${problem}\n${longUsage()}` };
}

export function longUsage(): string {
  const words = Object.entries(known).map(([name, { value }]) =>
    value === undefined ? `[--${name}]` : `[--${name} ${value}]`,
  );
  return `       beyond ftp-proxy(8): ${words.join("\n                 ")}\n`;
}
