/**
 * Control lines as text and back: one character per byte (Latin-1), so nothing is lost on the way.
 *
 * @example
 * toBytes("QUIT\r\n"); // Uint8Array [81, 85, 73, 84, 13, 10]
 */

export function toText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

export function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
