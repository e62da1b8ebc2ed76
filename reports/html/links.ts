/**
 * A link to a play as the page's filter knows it, the same in every view: `data-places` are the places of its plays in the
 * packed parts, the classes are what the buttons choose, and the title has the words that the search finds.
 *
 *     playLink(play, { places: [7], classes: "cell passed", title: "core forward: passed", text: "passed" })
 */
import type { Matrix } from "../matrix.ts";
import type { PlayResult } from "../model.ts";
import { playHref } from "./addresses.ts";
import { type Content, type Markup, markup } from "./markup.ts";

export interface PlayLink {
  readonly places: readonly number[];
  readonly classes: string;
  readonly title: string;
  readonly text: Content;
  /** Who broke one of its plays. */
  readonly by?: string;
  /** A cell of a table, whose `td` has the subject: the arrow keys lead there, not Tab. */
  readonly inTable?: boolean;
}

export function playLink(
  { id, subject, service }: Pick<PlayResult, "id" | "subject" | "service">,
  { places, classes, title, text, by = service?.by ?? "", inTable = false }: PlayLink,
): Markup {
  const broken = by === "" ? undefined : markup` data-by="${by}"`;
  const rest = inTable ? markup` tabindex="-1"` : markup` data-of="${subject}"`;
  return markup`<a class="${classes}" href="${playHref(id)}" data-places="${places.join(" ")}"${broken}${rest} title="${title}">${text}</a>`;
}

/** Plays in the order of the second view, row by row. The page finds a play by its place here. */
export const playsInOrder = ({ categories }: Matrix<PlayResult>): PlayResult[] =>
  categories.flatMap(({ rows }) => rows.flatMap(({ cells }) => cells.filter((cell) => cell !== undefined)));

/** The place of each play by its id: plays are packed in this order. */
export const placesOf = (plays: readonly Pick<PlayResult, "id">[]): ReadonlyMap<string, number> =>
  new Map(plays.map(({ id }, place) => [id, place]));
