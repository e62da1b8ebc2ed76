/**
 * The core as ftp-proxy(8) from 2007 to 4.6, and on FreeBSD since 9: rules of the era `rdr-anchor`, with active rules
 * loaded before PORT is sent on. `core` itself waits in that era for the server's `200 `.
 */

import type { Subject } from "../contract/subject.ts";
import core from "./core.ts";

const coreLateClassic: Subject = {
  ...core,
  name: "core-late-classic",
  title: "Anchorage's proxy core as the late classic generation: active rules before PORT",
  profile: () => "ftp-proxy",
  lacks(setup, lab) {
    if (setup.era !== "rdr-anchor") return `the late classic generation ended before the era ${setup.era}`;
    return core.lacks(setup, lab);
  },
  start: (lab, setup) => core.start(lab, { ...setup, args: ["--generation", "late-classic", ...setup.args] }),
};

export default coreLateClassic;
