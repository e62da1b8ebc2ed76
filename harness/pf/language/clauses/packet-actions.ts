/**
 * The actions of a rule on its packets: `scrub (no-df, min-ttl 10, max-mss 1440, reassemble tcp, random-id)` and
 * `set (prio (2, 5), queue (std, low), tos 0x10, delay 100)`.
 */

import type { ScrubActions, ScrubRule } from "../../rule.ts";
import type { Context } from "../context.ts";
import type { Release } from "../releases.ts";
import { parenthesised, type Reader } from "../tokens/reader.ts";
import { tosValue } from "./match-options.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** With both parentheses. */
export function scrubOptions({ reader, release }: Context): ScrubActions {
  const scrub: Writable<ScrubActions> = {};
  reader.expect("(");
  parenthesised(reader, () => {
    // FreeBSD reads the criteria and fragment words of old scrub rules here, and forgets them.
    if (release.routeFirst && reader.accept("fragment")) fragmentHandling(reader, release);
    else if (release.routeFirst && reader.accept("rtable")) reader.number();
    else if (release.routeFirst && (reader.peek() === "!" || reader.peek() === "tagged")) {
      reader.accept("!");
      reader.expect("tagged");
      reader.strings();
    } else scrubOption(reader, scrub, release);
  });
  return scrub;
}

export type ScrubDraft = Writable<ScrubActions>;

/** After `fragment` of an old scrub rule. */
export function fragmentHandling(reader: Reader, { scrubParentheses }: Release): ScrubRule["fragments"] {
  if (scrubParentheses && reader.accept("no")) {
    reader.expect("reassemble");
    return "no reassemble";
  }
  const kind = reader.peek();
  if (kind !== "reassemble" && kind !== "crop" && kind !== "drop-ovl") return reader.syntaxError();
  reader.take();
  return kind;
}

export function scrubOption(reader: Reader, scrub: ScrubDraft, { routeFirst }: Release): void {
  const once = (given: unknown, what: string): void => {
    if (given !== undefined) reader.fail(`${what} cannot be respecified`);
  };
  const kind = reader.peek();
  if (kind === "no-df" || kind === "random-id") {
    const field = kind === "no-df" ? "noDf" : "randomId";
    reader.take();
    once(scrub[field], kind);
    scrub[field] = true;
  } else if (kind === "min-ttl" || kind === "max-mss") {
    const [field, max] = kind === "min-ttl" ? (["minTtl", 255] as const) : (["maxMss", 65535] as const);
    reader.take();
    const value = reader.number();
    once(scrub[field], kind);
    if (value < 0 || value > max) reader.fail(`illegal ${kind} value ${value}`);
    scrub[field] = value;
  } else if (routeFirst && reader.accept("set-tos")) {
    const tos = tosValue(reader);
    once(scrub.setTos, "set-tos");
    scrub.setTos = tos;
  } else {
    reader.expect("reassemble");
    const protocol = reader.string();
    if (protocol.toLowerCase() !== "tcp") reader.fail(`scrub reassemble supports only tcp, not '${protocol}'`);
    once(scrub.reassembleTcp, "reassemble tcp");
    scrub.reassembleTcp = true;
  }
}

export interface SetDraft {
  setPrio?: readonly [number, number];
  queue?: readonly [string] | readonly [string, string];
  setTos?: number;
  delay?: number;
}

/** After `set`: one action, or several in parentheses. */
export function setActions(context: Context, draft: SetDraft): void {
  const { reader, release } = context;
  const action = (): void => {
    // FreeBSD has nothing but priorities here, and since 15 tos.
    const known = release.scrubParentheses ? ["prio", "tos"] : ["prio"];
    if (release.routeFirst && !known.includes(reader.peek())) reader.syntaxError();
    setAction(context, draft);
  };
  if (reader.accept("(")) parenthesised(reader, action);
  else action();
}

/** One of them; also the old `queue …` without `set`. */
export function setAction(context: Context, draft: SetDraft): void {
  const { reader } = context;
  switch (reader.peek()) {
    case "prio": {
      reader.take();
      const prio = priorities(reader);
      if (draft.setPrio !== undefined) reader.fail("prio cannot be redefined");
      draft.setPrio = prio;
      return;
    }
    case "queue": {
      reader.take();
      const names = queueNames(context);
      if (draft.queue !== undefined) reader.fail("queue cannot be redefined");
      draft.queue = names;
      return;
    }
    case "tos": {
      reader.take();
      const tos = tosValue(reader);
      if (draft.setTos !== undefined) reader.fail("tos cannot be respecified");
      draft.setTos = tos;
      return;
    }
    default: {
      reader.expect("delay");
      const delay = reader.number();
      if (draft.delay) reader.fail("delay cannot be respecified");
      if (delay < 0 || delay > 65535) reader.fail(`illegal delay value ${delay} (0-65535)`);
      draft.delay = delay;
    }
  }
}

/** One for all packets, or a second one for low-delay ones and empty ACKs. */
function priorities(reader: Reader): [number, number] {
  const paired = reader.accept("(");
  const first = reader.number();
  if (paired) reader.accept(",");
  const second = paired ? reader.number() : first;
  if (paired) reader.expect(")");
  if (first < 0 || first > 7 || second < 0 || second > 7) reader.fail("prio must be 0 - 7");
  return [first, second];
}

/** Names of altq(4) are looked up when the rules are loaded. */
function queueNames(context: Context): [string] | [string, string] {
  const { reader } = context;
  const known = (name: string): string =>
    context.release.altq || context.queueExists(name) ? name : reader.fail(`queue ${name} is not defined`);
  if (!reader.accept("(")) return [known(reader.string())];
  const first = reader.string();
  reader.accept(",");
  if (reader.accept(")")) return [known(first)];
  const second = reader.string();
  reader.expect(")");
  return [known(first), known(second)];
}
