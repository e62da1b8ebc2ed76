/**
 * tcpdump(8): packets of an interface, or of pflog0, into a file or standard output. Expressions, and words for
 * people, are left to the machine's own tcpdump, which reads what the guest's interfaces saw.
 */

import { getopt } from "../../../proxy/getopt.ts";
import { type Command, Refusal, Unable } from "./command.ts";

const USAGE = [
  "Usage: tcpdump [-AadefILlNnOopqStvXx] [-B fildrop] [-c count] [-D direction]",
  "\t       [-E [espalg:]espkey] [-F file] [-i interface] [-r file]",
  "\t       [-s snaplen] [-T type] [-w file] [-y datalinktype] [expression]",
].join("\n");
/** tcpdump.h: DEFAULT_SNAPLEN. */
const SNAPLEN = 116;

export const tcpdump: Command = async ({ args, uid, write, gone }, machine) => {
  let name: string | undefined;
  let snaplen = SNAPLEN;
  let file: string | undefined;
  const { options, operands: expression } = getopt(args, "AaB:c:D:deE:fF:i:IlLnNOopqr:s:StT:vw:xXy:");
  for (const found of options) {
    if ("problem" in found) throw new Refusal(`tcpdump: ${found.problem}\n${USAGE}`);
    if (found.option === "i") name = found.argument;
    else if (found.option === "s") snaplen = Number(found.argument);
    else if (found.option === "w") file = found.argument;
    else if (!["n", "l", "p", "v", "e", "q", "N", "O"].includes(found.option))
      throw new Unable(`tcpdump -${found.option}`);
  }
  if (uid !== 0) throw new Refusal("tcpdump: Failed to open bpf device for vio0: Permission denied");
  const chosen = name ?? "vio0";
  if (!machine.network.interfaces.has(chosen))
    throw new Refusal(`tcpdump: BIOCSETIF: ${chosen}: Device not configured`);
  if (file === "-" && expression.length === 0) {
    const link = chosen.startsWith("pflog") ? "PFLOG" : "EN10MB";
    write("stderr", `tcpdump: listening on ${chosen}, link-type ${link}\n`);
    let count = -1;
    const stop = machine.taps.open(chosen, snaplen, (bytes) => {
      count++;
      write("stdout", bytes);
    });
    await gone;
    stop();
    return { status: 0, stderr: `\n${count} packets received by filter\n0 packets dropped by kernel\n` };
  }
  throw new Unable(`tcpdump ${args.join(" ")}: only -w - without an expression`);
};
