/** Clients that read commands from their input, as a person types them. */

import type { ClientProgram, Transfer } from "./program-client.ts";

export function interactive(
  args: (transfer: Transfer) => string[],
): Required<Pick<ClientProgram, "download" | "upload">> {
  const session = (transfer: Transfer, command: string) => ({
    args: args(transfer),
    stdin: `user ${transfer.user} ${transfer.password}\nbinary\n${command}\nquit\n`,
  });
  return {
    download: (transfer) => session(transfer, `get ${transfer.remote} ${transfer.local}`),
    upload: (transfer) => session(transfer, `put ${transfer.local} ${transfer.remote}`),
  };
}
