/** 1. After the session, `ftp-proxy/*` is empty and no state is left that lets a new connection in. */

import { broken, held, type Invariant } from "./evidence.ts";

const NAME = "empty-after";
const TITLE = "Nothing stays open after the session";

export const emptyAfter: Invariant = ({ anchorsAfter, revisits }) => {
  const left = [...anchorsAfter].filter(([, rules]) => rules.length > 0);
  if (left.length > 0) {
    const names = left.map(([anchor, rules]) => `ftp-proxy/${anchor} (${rules.length} rules)`).join(", ");
    return broken(NAME, TITLE, `still in place: ${names}`);
  }
  const admitted = revisits.find((revisit) => revisit.reached);
  if (admitted !== undefined) return broken(NAME, TITLE, `${admitted.from} could connect to ${admitted.to} again`);
  return held(NAME, TITLE, `ftp-proxy/* is empty; ${revisits.length} new connections were tried, none got through`);
};
