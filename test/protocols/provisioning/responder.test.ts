import { expect, test } from "vitest";
import { withoutFolder } from "../../../protocols/provisioning/responder.ts";

test.each([
  ["/64167faabbcc.cfg", "/64167faabbcc.cfg"],
  ["/poly/zurich/64167faabbcc-phone.cfg?x=/y", "/64167faabbcc-phone.cfg"],
  ["/poly/fw/attempt-1/3111-48450-001.sip.ld", "/fw/attempt-1/3111-48450-001.sip.ld"],
  ["/fw/attempt-1/sip.ld", "/fw/attempt-1/sip.ld"],
  ["/fw/", "/"],
  ["/", "/"],
  ["", ""],
])("withoutFolder(): %s asks for %s", (target, wanted) => {
  expect(withoutFolder(target)).toBe(wanted);
});
