import { expect, test } from "vitest";
import { decodeCommand } from "../../../agent/commands/decode.ts";

test.each([{ kind: "site" }, { kind: "release", release: "ucs-6.4.8" }, { kind: "model", model: " VVX 450 " }])(
  "kill.on, kill.off: one scope, %j",
  (scope) => {
    for (const verb of ["kill.on", "kill.off"]) expect(decodeCommand(verb, { scope })).toMatchObject({ verb, args: { reason: "" } });
  },
);

test("kill.on: no scope, two of them and an unknown one are no stop that anybody meant", () => {
  for (const scope of [
    undefined,
    "site",
    {},
    { kind: "room" },
    { kind: "site", model: "VVX 450" },
    { kind: "model", model: " " },
    { kind: "release", release: "../x" },
  ])
    expect(decodeCommand("kill.on", { scope })).toMatchObject({ code: "badArguments" });
});
