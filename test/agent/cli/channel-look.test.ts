import { expect, test } from "vitest";
import { lookAt } from "../../../agent/cli/channel-look.ts";
import { systemClock } from "../../../protocols/core/time.ts";
import { authored, never, released } from "../../firmware/channel/kit.ts";

const io = { clock: systemClock(), stop: never };

test("lookAt(): what an agent would see, and who has signed each role", async () => {
  const of = await authored();
  await released(of, "ucs-1");
  const look = await lookAt({ kind: "folder", folder: of.folder }, of.rootPath, io);
  expect(look).toMatchObject({ ok: true, value: { catalogue: { version: 2, releases: [{ id: "ucs-1" }] } } });
  const signers = look.ok ? Object.fromEntries(look.value.roles.map((role) => [role.role, role.signers])) : {};
  expect(signers).toEqual(Object.fromEntries(Object.entries(of.keys).map(([role, keys]) => [role, keys.map(({ id }) => id)])));
});

test("lookAt(): what an agent refuses is refused by the same name", async () => {
  const [of, other] = [await authored(), await authored()];
  expect(await lookAt({ kind: "folder", folder: of.folder }, other.rootPath, io)).toMatchObject({
    ok: false,
    fault: { name: "signature" },
  });
});
