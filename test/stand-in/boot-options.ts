/** What boot.ts is told by whoever starts it. */

import type { RootOptions } from "./root.ts";

export interface BootOptions extends RootOptions {
  readonly root: string;
  /** Unix socket: whoever connects is at the guest's port 22. */
  readonly door?: string;
  /**
   * TCP port of the network that it was started in: whoever connects is handed to an sshd(8) of the guest's, past its
   * interfaces and its PF. On an emulated processor the way through them takes too long.
   */
  readonly port?: number;
}
