import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { clockHeld } from "../../../agent/commands/clock-held.ts";
import { HOUR, MINUTE, type Ms, SECOND } from "../../../protocols/core/time.ts";
import { T0 } from "../../store/temporary.ts";

/** Stands for /run; the file was touched so long before T0. */
function run(answeredAgoMs?: Ms): string {
  const folder = mkdtempSync(join(tmpdir(), "clock-held-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "synchronized");
  if (answeredAgoMs === undefined) return folder;
  writeFileSync(file, "");
  const atSeconds = (T0 - answeredAgoMs) / SECOND;
  utimesSync(file, atSeconds, atSeconds);
  return folder;
}

test("clockHeld(): yes where a time server has answered lately", () => {
  expect(clockHeld(T0, run(20 * MINUTE))).toEqual({ is: "yes", answeredMs: T0 - 20 * MINUTE });
  expect(clockHeld(T0, run(0)).is).toBe("yes");
});

test("clockHeld(): no where the service runs and none has answered, or where the clock was set back since", () => {
  expect(clockHeld(T0, run())).toEqual({ is: "no", why: "systemd-timesyncd runs, and no time server has answered it yet" });
  expect(clockHeld(T0, run(-5 * MINUTE))).toEqual({ is: "no", why: expect.stringContaining("still to come by this clock") });
  expect(clockHeld(T0, run(-30 * SECOND)).is).toBe("yes");
});

test("clockHeld(): unknown where the service does not run, has had no answer for long, or cannot be read", () => {
  expect(clockHeld(T0, join(run(), "none"))).toEqual({ is: "unknown", why: expect.stringContaining("does not run here") });
  expect(clockHeld(T0, run(3 * HOUR))).toEqual({ is: "unknown", why: expect.stringContaining("the last answer") });
  const file = join(run(), "file");
  writeFileSync(file, "");
  expect(clockHeld(T0, file).is).toBe("unknown");
  const folder = run();
  mkdirSync(join(folder, "other"));
  expect(clockHeld(T0, folder).is).toBe("no");
});
