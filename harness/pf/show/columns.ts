/** Columns, rates and times as pfctl's printf formats make them. */

/** `%-8u` */
export const left = (value: string | number, width: number): string => `${value}`.padEnd(width);

/** `%14u` */
export const right = (value: string | number, width: number): string => `${value}`.padStart(width);

const two = (value: number): string => `${value}`.padStart(2, "0");

/** `00:10:02` */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** ctime(3) of milliseconds since the epoch, in UTC: `Mon Nov 23 04:55:02 2026`. */
export function ctime(ms: number): string {
  const [weekday = "", day, month, year, time] = new Date(ms).toUTCString().split(" ");
  return `${weekday.replace(",", "")} ${month} ${right(Number(day), 2)} ${time} ${year}`;
}
