/** Real players as an HTML table: clients × servers with their versions, by service for each subject. */

import type { PlayResult } from "../model.ts";
import { type Pairing, type Program, pairingsOf, shareText } from "../pairings.ts";
import { answerStyle, harmStyle } from "../service.ts";
import { type Markup, markup } from "./markup.ts";

/** Undefined if no program played. */
export function pairingMarkup(plays: readonly PlayResult[]): Markup | undefined {
  const { rowsAre, columns, rows } = pairingsOf(plays);
  if (rows.length === 0) return undefined;
  const lines = rows.map(
    ({
      program,
      cells,
    }) => markup`<tr><th scope="row">${named(program)}</th>${cells.map((cell) => markup`<td>${cell.map(pairing)}</td>`)}</tr>
`,
  );
  return markup`<div class="scroller"><table class="pairings">
<caption>Real programs: the worst of all modes, families and sides in which two of them met.</caption>
<thead><tr><th scope="col">${rowsAre}</th>${columns.map((column) => markup`<th scope="col">${named(column)}</th>`)}</tr></thead>
<tbody>${lines}</tbody></table></div>`;
}

const named = ({ name, version }: Program): Markup =>
  markup`${name}${version === undefined ? undefined : markup` <span>${version}</span>`}`;

function pairing({ subject = "", answer, plays, of, words }: Pairing): Markup {
  return markup`<span class="pair" title="${words}"><span class="shape ${answer.kind}${answer.isNew ? " new" : ""}" role="img" aria-label="${answerStyle(answer.kind).word}"></span> ${shareText({ plays, of })}${subject}${answer.harm ? ` ${harmStyle.shape}` : ""}</span> `;
}
