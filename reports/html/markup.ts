/**
 * HTML and SVG as text. Everything in `${}` is escaped, unless it is markup already.
 * Invisible characters (terminal escapes, right-to-left marks) are shown as escapes. No other file writes tags
 * from foreign strings.
 *
 *     markup`<td>${play.reason}</td>`.text
 */
import { visible, visibleLines } from "../text.ts";

export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Content = Markup | string | number | undefined | readonly Content[];

export function markup(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(strings.map((string, index) => string + contentText(values[index])).join(""));
}

/** Foreign text of several lines, for `<pre>`. */
export function preformatted(text: string): Markup {
  return new Markup(escapeMarkup(visibleLines(text)));
}

function contentText(value: Content): string {
  if (value === undefined) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "string") return escapeMarkup(visible(value));
  if (typeof value === "number") return String(value);
  return value.map(contentText).join("");
}

function escapeMarkup(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
