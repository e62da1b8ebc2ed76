/** The error for a quirk that there is not, with the names that were perhaps meant. */

import { didYouMean, nearest } from "../../reports/nearest.ts";
import { AnchorageError } from "../contract/errors.ts";
import type { Peer } from "../contract/lab.ts";

export class NoSuchQuirk extends AnchorageError {
  override readonly name = "NoSuchQuirk";
  readonly quirk: string;
  /** Best first. */
  readonly nearest: readonly string[];

  constructor(peer: Peer, quirk: string, names: readonly string[]) {
    const close = nearest(quirk, names);
    super(`no quirky ${peer} is called "${quirk}"; ${didYouMean(close)}\`anchorage list --quirks\` shows all`);
    this.quirk = quirk;
    this.nearest = close;
  }
}
