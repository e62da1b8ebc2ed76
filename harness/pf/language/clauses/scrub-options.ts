/**
 * `scrub (no-df, min-ttl 10, max-mss 1440, reassemble tcp, random-id)`: normalisation of packets that a rule matches.
 */

import type { ScrubActions } from "../../rule.ts";
import { parenthesised } from "../tokens/list.ts";
import type { Reader } from "../tokens/reader.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** With both parentheses. */
export function scrubOptions(reader: Reader): ScrubActions {
  const scrub: Writable<ScrubActions> = {};
  reader.expect("(");
  parenthesised(reader, () => scrubOption(reader, scrub));
  return scrub;
}

export type ScrubDraft = Writable<ScrubActions>;

export function scrubOption(reader: Reader, scrub: ScrubDraft): void {
  const once = (given: unknown, what: string): void => {
    if (given !== undefined) reader.fail(`${what} cannot be respecified`);
  };
  const kind = reader.peek();
  switch (kind) {
    case "no-df":
      reader.take();
      once(scrub.noDf, kind);
      scrub.noDf = true;
      return;
    case "random-id":
      reader.take();
      once(scrub.randomId, kind);
      scrub.randomId = true;
      return;
    case "min-ttl": {
      reader.take();
      const value = reader.number();
      once(scrub.minTtl, kind);
      if (value < 0 || value > 255) reader.fail(`illegal min-ttl value ${value}`);
      scrub.minTtl = value;
      return;
    }
    case "max-mss": {
      reader.take();
      const value = reader.number();
      once(scrub.maxMss, kind);
      if (value < 0 || value > 65535) reader.fail(`illegal max-mss value ${value}`);
      scrub.maxMss = value;
      return;
    }
    default: {
      reader.expect("reassemble");
      const protocol = reader.string();
      if (protocol.toLowerCase() !== "tcp") reader.fail(`scrub reassemble supports only tcp, not '${protocol}'`);
      once(scrub.reassembleTcp, "reassemble tcp");
      scrub.reassembleTcp = true;
    }
  }
}
