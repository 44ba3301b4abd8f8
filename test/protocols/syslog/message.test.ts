import fc from "fast-check";
import { expect, test } from "vitest";
import { readSyslog } from "../../../protocols/syslog/message.ts";
import { SYSLOG_3164, SYSLOG_5424 } from "../../hostile/samples.ts";

const read = (text: string) => readSyslog(Buffer.from(text));

test("readSyslog(): the examples of both RFCs", () => {
  expect(read(SYSLOG_3164)).toEqual({ form: "3164", facility: 4, severity: 2 });
  expect(read(SYSLOG_5424)).toEqual({ form: "5424", facility: 4, severity: 2 });
  expect(read("<165>1 - - - - - -")).toEqual({ form: "5424", facility: 20, severity: 5 });
});

test("readSyslog(): every priority there is, written as the RFCs write it", () => {
  fc.assert(
    fc.property(fc.nat(191), fc.string({ minLength: 1 }), (priority, rest) => {
      expect(read(`<${priority}>${rest}`)).toMatchObject({ facility: Math.floor(priority / 8), severity: priority % 8 });
    }),
  );
});

test("readSyslog(): what has no priority, a wrong one, or nothing after it is none", () => {
  for (const text of ["", "<", "<>x", "<1", "<1>", "<192>x", "<1234>x", "<01>x", "<-1>x", "<1x>y", "x<1>y", "34>x"]) {
    expect(read(text), text).toBeUndefined();
  }
  expect(read("<0>x")).toMatchObject({ severity: 0 });
});
