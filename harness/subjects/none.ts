/** The same firewall with no proxy on it: what FTP would do without help. */

import type { Subject } from "../contract/subject.ts";

const none: Subject = {
  name: "none",
  title: "no proxy",
  profile: () => "none",
  terminates: false,
  lacks: () => undefined,
  start: async () => ({ stop: async () => {} }),
};

export default none;
