/**
 * Finds in a capture the world around the proxy, for the replay: the address that the client dialled,
 * the random ports, which changes the firewall refused, how connects ended. Nothing here is compared.
 *
 * @example
 * const facts = factsOf(dialogue);
 * facts.proxyPorts; // [58942]
 */

import type { ConnectionErrorCode, Endpoint } from "../../../../proxy/host.ts";
import { type Dialogue, isFirewallChange } from "./capture.ts";

export interface ReplayFacts {
  /** ORIG of each session, by its id. */
  readonly originals: ReadonlyMap<number, Endpoint>;
  /** PROXY, the source of connections to servers. */
  readonly proxy: string;
  readonly client: string;
  /** The server of sessions of which the log names none. */
  readonly server: string;
  readonly proxyPorts: readonly number[];
  /** For each load in order: why it failed, or undefined. */
  readonly loads: readonly (Failure | undefined)[];
  /** Sessions whose anchor could not be emptied, with strerror's text. */
  readonly failedRemovals: ReadonlyMap<number, string>;
  /** Sessions whose connect failed at once. */
  readonly failedConnects: ReadonlyMap<number, ConnectionErrorCode>;
  readonly clientRdomain: number;
  readonly rtable: number;
}

export interface Failure {
  readonly stage: "begin" | "add";
  readonly reason: string;
}

export function factsOf(dialogue: Dialogue): ReplayFacts {
  const texts = dialogue.log.filter((entry) => !isFirewallChange(entry)).map((entry) => entry.text);
  const first = (pattern: RegExp) => texts.map((text) => pattern.exec(text)?.[1]).find((found) => found !== undefined);
  const rdomains = rdomainsOf(dialogue);
  return {
    originals: originalsOf(dialogue, texts),
    proxy: first(/via proxy (\S+)$/) ?? (isInet6(dialogue) ? "2001:db8::1" : "198.51.100.1"),
    client: first(/accepted connection from (\S+)$/) ?? "10.0.0.2",
    server: unnamedServer(dialogue),
    proxyPorts: texts
      .flatMap((text) => /^#\d+ (?:passive|active): .* via port (\d+)$/.exec(text)?.[1] ?? [])
      .map(Number),
    loads: texts.flatMap((text, at) => (/^#\d+ (passive|active): /.test(text) ? [failureAfter(texts, at)] : [])),
    failedRemovals: bySession(texts, /^#(\d+) pf rule removal failed: (.*)$/),
    failedConnects: new Map(
      [...bySession(texts, /^#(\d+) (?:proxy cannot connect to server \S+|getsockname failed): (.*)$/)].map(
        ([id, text]) => [id, codeOf(text)],
      ),
    ),
    ...rdomains,
  };
}

function originalsOf(dialogue: Dialogue, texts: readonly string[]): ReadonlyMap<number, Endpoint> {
  const started = bySession(texts, /^#(\d+) FTP session .* to server (\S+) via/);
  const refused = bySession(texts, /^#(\d+) proxy cannot connect to server (\S+): /);
  const shown = bySession(texts, /^#(\d+) proxy: 227 Entering Passive Mode \((\d+,\d+,\d+,\d+),/);
  const ids = texts.flatMap((text) => /^#(\d+) /.exec(text)?.[1] ?? []).map(Number);
  return new Map(ids.map((id) => [id, originalOf(dialogue, started.get(id) ?? refused.get(id), shown.get(id))]));
}

/** FTPPROXY_FAKE_DST where it is set; with -R the address that the 227 shows the client; else the server. */
function originalOf(dialogue: Dialogue, server: string | undefined, shown: string | undefined): Endpoint {
  const listenAddress = dialogue.args[dialogue.args.indexOf("-b") + 1] ?? "127.0.0.1";
  const listenPort = Number(dialogue.args[dialogue.args.indexOf("-p") + 1] ?? 8021);
  const fake = /^\[?(.+?)\]?:(\d+)$/.exec(dialogue.environment.FTPPROXY_FAKE_DST ?? "");
  if (fake?.[1] !== undefined) return { address: fake[1], port: Number(fake[2]) };
  if (dialogue.args.includes("-R")) {
    return { address: shown?.replaceAll(",", ".") ?? originalInRules(dialogue) ?? listenAddress, port: listenPort };
  }
  const address = server ?? unnamedServer(dialogue);
  return { address, port: address === listenAddress ? listenPort : 21 };
}

const isInet6 = (dialogue: Dialogue): boolean => dialogue.args.includes("-6");

const unnamedServer = (dialogue: Dialogue): string => (isInet6(dialogue) ? "2001:db8::9" : "198.51.100.9");

function failureAfter(texts: readonly string[], at: number): Failure | undefined {
  const id = texts[at]?.split(" ")[0];
  const passive = texts[at]?.includes("passive:");
  let wrote = false;
  for (const text of texts.slice(at + 1)) {
    if (!text.startsWith(`${id} `)) continue;
    if (text.startsWith(`${id} proxy: `)) wrote = true;
    else {
      const reason = /pf operation failed: (.*)$/.exec(text)?.[1];
      return reason === undefined ? undefined : { stage: passive && !wrote ? "begin" : "add", reason };
    }
  }
  return undefined;
}

function bySession(texts: readonly string[], pattern: RegExp): Map<number, string> {
  return new Map(
    texts.flatMap((text) => {
      const found = pattern.exec(text);
      return found === null ? [] : [[Number(found[1]), found[2] ?? ""] as const];
    }),
  );
}

function codeOf(text: string): ConnectionErrorCode {
  const codes: Readonly<Record<string, ConnectionErrorCode>> = {
    "Permission denied": "EACCES",
    "Network is unreachable": "ENETUNREACH",
    "No route to host": "EHOSTUNREACH",
    "Connection refused": "ECONNREFUSED",
    "Can't assign requested address": "EADDRNOTAVAIL",
    "Cannot assign requested address": "EADDRNOTAVAIL",
  };
  return codes[text] ?? "EIO";
}

/** As the first rules have it: passive connections go there, active ones come from there. */
function originalInRules(dialogue: Dialogue): string | undefined {
  const rules = printedRules(dialogue);
  return firstIsActive(dialogue)
    ? /(?:pass|match) out .* nat-to (\S+)/.exec(rules)?.[1]
    : /(?:pass|match) in .* to (\S+) port = \d+ .*rdr-to/.exec(rules)?.[1];
}

function printedRules(dialogue: Dialogue): string {
  const listings = dialogue.client.map((event) => (event.kind === "anchors" ? event.printed : ""));
  return [...dialogue.log.map((event) => event.text), ...listings].join("\n");
}

function firstIsActive(dialogue: Dialogue): boolean {
  const first = dialogue.log.find((event) => /^#\d+ (passive|active): /.test(event.text));
  return first?.text.includes("active:") ?? false;
}

/** The routing domains, which only the kernel knows, as the first rule has them. */
function rdomainsOf(dialogue: Dialogue): { readonly clientRdomain: number; readonly rtable: number } {
  const { FTPPROXY_CLIENT_RDOMAIN, FTPPROXY_RTABLE } = dialogue.environment;
  if (FTPPROXY_CLIENT_RDOMAIN !== undefined || FTPPROXY_RTABLE !== undefined) {
    return { clientRdomain: Number(FTPPROXY_CLIENT_RDOMAIN ?? 0), rtable: Number(FTPPROXY_RTABLE ?? 0) };
  }
  const rule = /(?:pass|match) in .*on rdomain (\d+) .* rtable (\d+) rdr-to/.exec(printedRules(dialogue));
  if (rule === null) return { clientRdomain: 0, rtable: 0 };
  const [entering, leaving] = [Number(rule[1]), Number(rule[2])];
  return firstIsActive(dialogue)
    ? { clientRdomain: leaving, rtable: entering }
    : { clientRdomain: entering, rtable: leaving };
}
