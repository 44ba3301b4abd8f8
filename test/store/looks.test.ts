import { expect, test } from "vitest";
import { deviceId, T0, temporaryStore } from "./temporary.ts";

test("save(): the newest look of a device counts, whichever came last", () => {
  const { looks } = temporaryStore();
  looks.save({ device: deviceId(1), atMs: T0 + 5, outcome: "answers" });
  looks.save({ device: deviceId(1), atMs: T0 + 3, outcome: "silent" });
  looks.save({ device: deviceId(2), atMs: T0 + 1, outcome: "unaskable" });
  expect(looks.since(T0)).toEqual([
    { device: deviceId(1), atMs: T0 + 5, outcome: "answers" },
    { device: deviceId(2), atMs: T0 + 1, outcome: "unaskable" },
  ]);
  expect(looks.since(T0 + 2)).toHaveLength(1);
});

test("savePorts(): the switch's ports replace those it had, of others nothing; a name told twice counts once", () => {
  const { looks } = temporaryStore();
  const port = (name: string, isUp: boolean) => ({ port: name, isUp, power: "searching", atMs: T0 }) as const;
  looks.savePorts("10.0.0.1", [port("1", true), port("2", true)]);
  looks.savePorts("10.0.0.2", [port("1", true)]);
  looks.savePorts("10.0.0.1", [port("3", false), port("3", true)]);
  expect(looks.ports(["10.0.0.1"])).toEqual([{ switchAddress: "10.0.0.1", ...port("3", false) }]);
  expect(looks.ports(["10.0.0.1", "10.0.0.2"])).toHaveLength(2);
});
