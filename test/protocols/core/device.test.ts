import { expect, test } from "vitest";
import { managerOfBoth, STANDARD_PORTS } from "../../../protocols/core/device.ts";

test("STANDARD_PORTS: the ports of the protocol documents", () => {
  // uc-phones.md 1 (HTTPS, HTTP, SIP), video.md 4.2 (SSH, telnet API on 24, never the diagnostics on 23), snmp.md (161).
  expect(STANDARD_PORTS).toEqual({ https: 443, http: 80, snmp: 161, ssh: 22, telnet: 24, sip: 5060 });
});

test("managerOfBoth(): a named manager wins over nobody, whoever says so; of two names the first", () => {
  expect(managerOfBoth("none", "lens")).toBe("lens");
  expect(managerOfBoth("unknown", "teams")).toBe("teams");
  expect(managerOfBoth("teams", "lens")).toBe("teams");
  expect(managerOfBoth("none", "unknown")).toBe("none");
  expect(managerOfBoth(undefined, "none")).toBe("none");
  expect(managerOfBoth(undefined, undefined)).toBeUndefined();
});
