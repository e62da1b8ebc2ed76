/**
 * Linux's own answer: no proxy, but a kernel that reads FTP in the packets that it forwards. PF is out of
 * the way; see conntrack/rules.ts for what stands in its place.
 */

import type { Subject } from "../contract/subject.ts";
import { CONNTRACK_RULES } from "./conntrack/rules.ts";

const conntrack: Subject = {
  name: "conntrack",
  title: "Linux's nf_conntrack_ftp and nf_nat_ftp, no proxy",
  profile: () => "conntrack",
  terminates: false,
  kernelRules: (side) => CONNTRACK_RULES[side],
  lacks({ era }, lab) {
    // One kernel, and no PF: it would be the same in every era.
    return era === "divert-to" ? lab.lacks("kernel-forwarding") : `Linux's kernel speaks no PF, of ${era} or any other`;
  },
  start: async () => ({ stop: async () => {} }),
};

export default conntrack;
