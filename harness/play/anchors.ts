/**
 * Reads `pfctl -a 'ftp-proxy/*' -sr`: which session's anchor holds which rules. Text in, text out:
 * what it reads may come from the model or from a real pfctl.
 *
 * @example
 * parseAnchors('anchor "4711.3" all {\n  pass in quick …\n}\n') // Map { "4711.3" => ["pass in quick …"] }
 */
export function parseAnchors(text: string): Map<string, string[]> {
  const anchors = new Map<string, string[]>();
  let current: string[] | undefined;
  for (const line of text.split("\n")) {
    const header = /^anchor "([^"]+)" all \{$/.exec(line);
    if (header?.[1] !== undefined) {
      current = [];
      anchors.set(header[1], current);
    } else if (line === "}") {
      current = undefined;
    } else if (line.trim() !== "" && current !== undefined) {
      current.push(line.trim());
    }
  }
  return anchors;
}
