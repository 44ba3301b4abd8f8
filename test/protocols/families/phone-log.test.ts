import { expect, test } from "vitest";
import { isHarmless, parseLog, sinceLastBoot } from "../../../protocols/families/phone-log.ts";

const LOG = [
  "5.123|so   |*|00|Initial log entry. Current logging level 4",
  "1122101459|cfg  |4|00|Prov|server is slow",
  "1122101500|so   |*|00|Initial log entry. Current logging level 4",
  "1122101501|copy |4|02|Could not set the custom header Content-Range for HTTP/s request. Head request failed to get content-length of server file.",
  "1122101502|lldp |4|00|Ignoring corrupt LLDP packet.",
  "rest of a line",
].join("\r\n");

test("parseLog(): moment without a year, component without its padding, level, lines missed, text [uc 8.1]", () => {
  expect(parseLog(LOG)[1]).toEqual({
    at: { month: 11, day: 22, hour: 10, minute: 14, second: 59 },
    component: "cfg",
    level: "4",
    missed: 0,
    text: "Prov|server is slow",
  });
  expect(parseLog(LOG)[3]).toMatchObject({ component: "copy", missed: 2 });
});

test("parseLog(): before the clock is set a line has no moment; what has not the form is left out [uc 8.1]", () => {
  const lines = parseLog(LOG);
  expect(lines).toHaveLength(5);
  expect(lines[0]).toEqual({ component: "so", level: "*", missed: 0, text: "Initial log entry. Current logging level 4" });
  expect(parseLog("1399109999|so   |4|00|no such moment")[0]).not.toHaveProperty("at");
  for (const text of ["", "\n\n", "a|b|c|d|e", "1122101500|so"]) expect(parseLog(text)).toEqual([]);
});

test("sinceLastBoot(): begins with the last initial entry; a log that does not reach back so far is whole [uc 8.2]", () => {
  const lines = parseLog(LOG);
  expect(sinceLastBoot(lines)).toHaveLength(3);
  expect(sinceLastBoot(lines.slice(3))).toHaveLength(2);
});

test("isHarmless(): a log file that our server did not answer HEAD for, and odd LLDP, are no faults of the phone [uc 8.3] [uc 8.4]", () => {
  expect(parseLog(LOG).map(isHarmless)).toEqual([false, false, false, true, true]);
});
