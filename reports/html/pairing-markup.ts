/** Real programs on the page: clients × servers with their versions, above the matrix that has a row for each pair and mode. */
import { gradeStyle } from "../grades.ts";
import type { PlayResult } from "../model.ts";
import { countText, type Program, pairingInWords, pairingsOf } from "../pairings.ts";
import { type Markup, markup } from "./markup.ts";

export function pairingMarkup(plays: readonly PlayResult[]): Markup | undefined {
  const { clients, servers, cellOf } = pairingsOf(plays);
  if (clients.length === 0) return undefined;
  const named = ({ name, version }: Program): Markup =>
    markup`${name}${version === undefined ? undefined : markup` <span>${version}</span>`}`;
  const rows = clients.map((client) => {
    const cells = servers.map((server) => {
      const cell = cellOf(client, server);
      if (cell === undefined) return markup`<td></td>`;
      const title = `${client.name} and ${server.name}: ${pairingInWords(cell)}`;
      return markup`<td title="${title}"><span class="shape ${cell.grade}" role="img" aria-label="${gradeStyle(cell.grade).word}"></span> ${countText(cell)}</td>`;
    });
    return markup`<tr><th scope="row">${named(client)}</th>${cells}</tr>
`;
  });
  return markup`<div class="scroller"><table class="pairings">
<caption>Real programs: the plays that ended as they must. Files arrive through a proxy, and not without one.</caption>
<thead><tr><th scope="col">client</th>${servers.map((server) => markup`<th scope="col">${named(server)}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
