// A worker thread of `anchorage run`.
import { load } from "./load.mjs";

const { servePlays } = await load("harness/cli/play-thread");
servePlays();
