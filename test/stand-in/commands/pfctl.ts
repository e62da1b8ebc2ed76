/** pfctl(8): the model's own, with the guest's files and interfaces. */

import { pfctl as modelPfctl } from "../../../harness/pf/pfctl.ts";
import type { Command } from "./command.ts";

export const pfctl: Command = async ({ args, uid, cwd, pid, stdin }, machine) => {
  const readsStdin = args.some(
    (word, index) => word === "-" || word.endsWith("f-") || (word.startsWith("-") && args[index + 1] === "-"),
  );
  const { firewall, network } = machine;
  const result = modelPfctl(args, {
    stdin: readsStdin ? await stdin() : "",
    // /dev/pf is root's.
    ...(uid === 0 ? { firewall } : { interfaces: network.forPf() }),
    readFile: (path) => machine.files.read(path, cwd),
    random: () => machine.random(2 ** 32),
    pid,
  });
  machine.rulesChanged();
  return result;
};
