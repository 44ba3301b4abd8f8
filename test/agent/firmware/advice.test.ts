import { expect, test } from "vitest";
import { adviceOver } from "../../../agent/firmware/advice.ts";
import { deviceId, T0 } from "../../store/temporary.ts";
import { adviceBench, R573, vvx } from "./advice-kit.ts";

test("adviceOver(): devices as a plan sees them, with the key codes that are kept; nobody is taken where no campaign runs", () => {
  const { store } = adviceBench([R573], [vvx(1)]);
  store.keyCodes.save({ serial: "SERIAL1", release: 6, sealed: Buffer.from("x"), atMs: T0, actor: "doe", file: "keys.csv" });
  const advice = adviceOver(store);
  expect(advice.releases.map(({ id }) => id)).toEqual([R573.id]);
  expect(advice.candidate(vvx(1))).toMatchObject({ device: deviceId(1), keyCodes: [6] });
  expect(advice.taken.size).toBe(0);
});
