/**
 * The core as ftp-proxy(8) was first: OpenBSD until 2007, FreeBSD 7 and 8. Active rules wait for the server's `200 `.
 * Kept for comparison with what came after it; it has nothing but the language of its time.
 */

import type { Subject } from "../subject.ts";
import core from "./core.ts";

const coreFirst: Subject = {
  ...core,
  name: "core-first",
  title: "Anchorage's proxy core as the first generation: active rules after `200 `",
  profile: () => "first",
  lacks(setup, lab) {
    if (setup.era !== "rdr-anchor") return `the first generation is of before the era ${setup.era}`;
    return core.lacks(setup, lab);
  },
  start: (lab, setup) => core.start(lab, { ...setup, args: ["--generation", "first", ...setup.args] }),
};

export default coreFirst;
