/** 6. Nothing hangs: every play ends within its own time limit. */

import { broken, held, type Invariant } from "./evidence.ts";

const NAME = "ends";
const TITLE = "The play ends within its time";

export const ends: Invariant = ({ overrun }) =>
  overrun === undefined ? held(NAME, TITLE, "it ended by itself") : broken(NAME, TITLE, overrun);
