/**
 * The core as ftp-proxy(8) was from 2007 to 4.6, and is on FreeBSD since 9: the rules of the era `rdr-anchor`, active ones
 * loaded before PORT is sent on. Beside `core`, which in that era waits for the server's `200 `.
 */

import type { Subject } from "../contract/subject.ts";
import core from "./core.ts";

const coreLateClassic: Subject = {
  ...core,
  name: "core-late-classic",
  title: "Anchorage's proxy core as the late classic generation: active rules before PORT",
  profile: () => "ftp-proxy",
  lacks(setup, lab) {
    if (setup.era !== "rdr-anchor") return `the late classic generation is of before the era ${setup.era}`;
    return core.lacks(setup, lab);
  },
  start: (lab, setup) => core.start(lab, { ...setup, args: ["--generation", "late-classic", ...setup.args] }),
};

export default coreLateClassic;
