/**
 * Numeric addresses as text, without a resolver.
 *
 * @example
 * canonicalAddress("2001:DB8:0:0::1"); // "2001:db8::1"
 * canonicalAddress("ftp.example"); // undefined
 */

/** inet_ntop(3) form, or undefined for what is no numeric address of the family. */
export function canonicalAddress(text: string, family?: "inet" | "inet6"): string | undefined {
  if (text.includes(":")) return family === "inet" ? undefined : canonicalInet6(text);
  if (family === "inet6" || !/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
  const octets = text.split(".").map(Number);
  return octets.every((octet) => octet < 256) ? octets.join(".") : undefined;
}

function canonicalInet6(text: string): string | undefined {
  if (!/^[0-9A-Fa-f:.]+$/.test(text)) return undefined;
  try {
    const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1);
    // inet_ntop(3) writes the last 32 bits of a mapped address as a dotted quad; a URL does not.
    const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
    if (mapped === null) return canonical;
    const [high, low] = [Number.parseInt(mapped[1] ?? "", 16), Number.parseInt(mapped[2] ?? "", 16)];
    return `::ffff:${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  } catch {
    return undefined;
  }
}
