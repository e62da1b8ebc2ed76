/**
 * ICMP messages from one family to the other, for af-to: RFC 7915, as far as PF does it.
 *
 * @example
 * translateIcmpFamily({ type: 8, code: 0, … }, "inet6") // { type: 128, code: 0 }
 */

import type { Family, IcmpPacket } from "../../packet.ts";

export interface TranslatedIcmp {
  readonly type: number;
  readonly code: number;
  readonly mtu?: number;
}

/** Bytes by which the headers differ. */
const HEADER_DIFFERENCE = 20;

/** Undefined: the message has no counterpart and is dropped. */
export function translateIcmpFamily(
  { type, code, mtu }: Pick<IcmpPacket, "type" | "code"> & { readonly mtu?: number },
  to: Family,
): TranslatedIcmp | undefined {
  return to === "inet" ? toInet(type, code, mtu) : toInet6(type, code, mtu);
}

function toInet(type: number, code: number, mtu = 0): TranslatedIcmp | undefined {
  switch (type) {
    case 128:
      return { type: 8, code };
    case 129:
      return { type: 0, code };
    case 1: {
      // No route, beyond scope, address: host; prohibited: host prohibited; port: port.
      const codes: Readonly<Record<number, number>> = { 0: 1, 2: 1, 3: 1, 1: 10, 4: 3 };
      const translated = codes[code];
      return translated === undefined ? undefined : { type: 3, code: translated };
    }
    case 2:
      return { type: 3, code: 4, mtu: mtu - HEADER_DIFFERENCE };
    case 3:
      return { type: 11, code };
    case 4:
      // Erroneous header field; unknown next header becomes "protocol unreachable".
      return code === 0 ? { type: 12, code: 0 } : code === 1 ? { type: 3, code: 2 } : undefined;
    default:
      return undefined;
  }
}

function toInet6(type: number, code: number, mtu = 0): TranslatedIcmp | undefined {
  switch (type) {
    case 8:
      return { type: 128, code };
    case 0:
      return { type: 129, code };
    case 3:
      return unreachableToInet6(code, mtu);
    case 11:
      return { type: 3, code };
    case 12:
      return code === 0 || code === 2 ? { type: 4, code: 0 } : undefined;
    default:
      return undefined;
  }
}

function unreachableToInet6(code: number, mtu: number): TranslatedIcmp | undefined {
  switch (code) {
    case 0: // net
    case 1: // host
    case 6: // net unknown
    case 7: // host unknown
    case 8: // isolated
    case 11: // TOS net
    case 12: // TOS host
      return { type: 1, code: 0 };
    case 3: // port
      return { type: 1, code: 4 };
    case 9: // net prohibited
    case 10: // host prohibited
    case 13: // filter prohibited
    case 15: // precedence cutoff
      return { type: 1, code: 1 };
    case 2: // protocol
      return { type: 4, code: 1 };
    case 4: // too big
      return { type: 2, code: 0, mtu: mtu + HEADER_DIFFERENCE };
    default:
      return undefined;
  }
}
