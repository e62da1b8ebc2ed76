/** How plays are spread over parts: the writer and the page must agree. A play's place is its number in the matrix. */
export const playsPerPart = 40;

export function partOf(place: number): { readonly part: number; readonly index: number } {
  return { part: Math.floor(place / playsPerPart), index: place % playsPerPart };
}

export const partId = (part: number): string => `plays-${part}`;
