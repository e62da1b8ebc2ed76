/** The same firewall without a proxy: the comparison for every other subject. */

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
