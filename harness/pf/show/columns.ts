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

const WEEKDAYS = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY = 86400;

/** ctime(3) of milliseconds since the epoch, in UTC: `Mon Nov 23 04:55:02 2026`. */
export function ctime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const days = Math.floor(seconds / DAY);
  // Days since 1 March of year 0, by years of 400, 100, 4 and 1 (H. Hinnant, "chrono-compatible date algorithms").
  const shifted = days + 719468;
  const era = Math.floor(shifted / 146097);
  const dayOfEra = shifted - era * 146097;
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36524) + Math.floor(dayOfEra / 146096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  const month = (fromMarch + 2) % 12;
  const year = yearOfEra + era * 400 + (month < 2 ? 1 : 0);
  const weekday = WEEKDAYS[((days % 7) + 7) % 7];
  return `${weekday} ${MONTHS[month]} ${right(day, 2)} ${clock(seconds - days * DAY)} ${year}`;
}
