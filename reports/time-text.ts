/**
 * Virtual time as a reader wants it: seconds with milliseconds, then minutes, then hours.
 *
 *     ladderTime(75_030) // "1:15.030"
 */
export function ladderTime(atMs: number): string {
  const whole = Math.round(atMs);
  const [ms, s, m, h] = [
    whole % 1000,
    Math.floor(whole / 1000) % 60,
    Math.floor(whole / 60_000) % 60,
    Math.floor(whole / 3_600_000),
  ];
  const two = (value: number): string => String(value).padStart(2, "0");
  const rest = `.${String(ms).padStart(3, "0")}`;
  if (h > 0) return `${h}:${two(m)}:${two(s)}${rest}`;
  return m > 0 ? `${m}:${two(s)}${rest}` : `${s}${rest}`;
}
