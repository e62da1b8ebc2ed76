/** pfctl(8): the model's own, with the guest's files and interfaces. */

import { readsStdin } from "../../../harness/pf/pfctl/options.ts";
import { pfctl as modelPfctl } from "../../../harness/pf/pfctl.ts";
import type { Command } from "./command.ts";

export const pfctl: Command = async ({ args, uid, cwd, pid, stdin }, machine) => {
  const { firewall, network } = machine;
  const result = modelPfctl(args, {
    stdin: readsStdin(args) ? await stdin() : "",
    // /dev/pf is root's.
    ...(uid === 0 ? { firewall } : { interfaces: network.forPf() }),
    readFile: (path) => machine.files.read(path, cwd),
    random: () => machine.random(2 ** 32),
    pid,
  });
  machine.rulesChanged();
  return result;
};
