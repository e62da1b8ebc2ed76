/**
 * How the plain dialogue of each mode fares without ftp-proxy(8), for scenarios that differ in nothing from it:
 * passive/pasv and active/port over IPv4, passive/epsv and active/eprt over IPv6.
 *
 * @example
 * withDefaults({}, ["passive"]).none // over IPv4 in reverse mode: fails at the 227, by address translation
 */

import {
  type Expectation,
  type ExpectationPlace,
  type Expectations,
  fails,
  type PlacedExpectation,
  works,
} from "./expectation.ts";
import type { Mode } from "./scenario.ts";
import type { Profile } from "./subject.ts";

/** In active mode some servers tell the client that their connection failed, and to some clients it is a hang. */
const unreachable = fails({ by: "firewall", at: "data connection" });
const blocked = fails({ by: "firewall", at: "data connection", notice: "hangs" });

/** Without a proxy: the peer that is behind the firewall has an IPv4 address that means nothing outside. */
function plain(mode: Mode, { side, family }: ExpectationPlace): Expectation {
  if (family === "inet6") return mode === "passive" ? blocked : unreachable;
  // Some clients hang on such an address, to some the network says at once that no way leads there.
  if (mode === "passive") return side === "reverse" ? fails({ by: "translation", at: "the 227" }) : blocked;
  return side === "forward" ? fails({ by: "translation", at: ["PORT", "EPRT"] }) : unreachable;
}

/** Where the proxy lets the address pass as it came, and opens nothing. */
export const asWithoutProxy =
  (mode: Mode): PlacedExpectation =>
  (place) =>
    plain(mode, place);

/** Every kind of subject: what the scenario says, or the plain service. `modes`: the scenario's, the first one counts. */
export function withDefaults(
  expect: Expectations = {},
  [mode]: readonly Mode[],
): Readonly<Record<Profile, PlacedExpectation>> {
  const proxied = expect["ftp-proxy"] ?? works;
  const there = (place: ExpectationPlace) => (typeof proxied === "function" ? proxied(place) : proxied);
  return {
    "ftp-proxy": proxied,
    classic: proxied,
    // It must serve where ftp-proxy(8) does.
    proxy: (place) => ({ service: there(place).service === "fails" ? "any" : there(place).service }),
    conntrack: works,
    none: mode === undefined ? works : (place) => plain(mode, place),
    ...expect,
  };
}
