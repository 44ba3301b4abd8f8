/**
 * The log of a phone: `MMDDHHMMSS|comp |level|missed|text`. Pure. Source: protocols/uc-phones.md 8.
 */

export interface LogLine {
  /** As written, without a year: UTC in the boot log, local time in the application's. Absent before the clock was set. */
  readonly at?: { readonly month: number; readonly day: number; readonly hour: number; readonly minute: number; readonly second: number };
  readonly component: string;
  /** A digit, or `*` for what is always logged. */
  readonly level: string;
  /** Lines lost before this one. */
  readonly missed: number;
  readonly text: string;
}

/** Upload limits are larger; what is looked for stands at the end. */
const LINES_MAX = 20_000;
const LINE = /^(\d{10}|\d{1,6}\.\d{1,3}|\d{1,9})\|([^|]{1,12})\|([^|]{1,3})\|(\d{1,6})\|(.*)$/;
const BOOT = "Initial log entry.";
/** Says that our server did not answer HEAD for a log file, and that a network sends odd LLDP: neither is a fault of the phone. */
const HARMLESS = [/^Could not set the custom header Content-Range\b/, /^Ignoring corrupt LLDP packet\b/];

/** The last lines that have the form; others (dumps, rests of lines) are left out. */
export function parseLog(text: string): readonly LogLine[] {
  return text
    .split(/\r?\n/)
    .slice(-LINES_MAX)
    .flatMap((line) => {
      const match = LINE.exec(line);
      if (match === null) return [];
      const [, stamp = "", component = "", level = "", missed = "", said = ""] = match;
      const at = momentOf(stamp);
      return [
        { ...(at === undefined ? {} : { at }), component: component.trim(), level, missed: Number(missed), text: said.slice(0, 500) },
      ];
    });
}

function momentOf(stamp: string): LogLine["at"] {
  if (!/^\d{10}$/.test(stamp)) return undefined;
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = (stamp.match(/\d\d/g) ?? []).map(Number);
  const real = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour <= 23 && minute <= 59 && second <= 60;
  return real ? { month, day, hour, minute, second } : undefined;
}

/** What was logged since the phone last started; all of it where the log does not reach back that far. */
export function sinceLastBoot(lines: readonly LogLine[]): readonly LogLine[] {
  const boot = lines.findLastIndex(({ text }) => text.startsWith(BOOT));
  return boot < 0 ? lines : lines.slice(boot);
}

/** Lines that flood a log and mean nothing for the phone. */
export function isHarmless(line: LogLine): boolean {
  return HARMLESS.some((form) => form.test(line.text));
}
