import { afterEach, expect, test } from "vitest";
import { setVars } from "../../../fixtures/site/phone-vars.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { readPhoneSettings, SETTING_NAMES } from "../../../protocols/families/uc-phone-settings.ts";
import { familyIo, targetAt } from "../../support/family-io.ts";
import { openPhones, type PhoneStage, type StagePhone } from "../../support/phone-stage.ts";
import { never } from "./kit.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function read(draft: StagePhone, set: (stage: PhoneStage) => void = () => undefined) {
  const stage = await openPhones([draft]);
  const io = familyIo();
  closers.push(stage.close, io.close);
  set(stage);
  const { phoneUser: user, phonePassword } = stage.site.secrets;
  const password = new Secret(phonePassword);
  const target = await targetAt(
    { https: stage.site.ports.https },
    {
      address: stage.device.address,
      expectMac: stage.device.mac as never,
      credentials: [{ kind: "password", id: "site", user, password }],
    },
  );
  const family = draft.kind === "soundpoint" ? "soundpoint" : "uc-phone";
  return { read: await readPhoneSettings(family, { target, io }, never), stage };
}

const PARAMS = { "prov.polling.period": { config: "86400", web: "7200" }, "apps.push.password": { web: "s3cret" } };

test.each(["vvx", "trio", "soundpoint"] as const)("readPhoneSettings(): %s: every layer, from its backup page [uc 5.3]", async (kind) => {
  const { read: found, stage } = await read({ kind, vars: { params: PARAMS } });
  if (!found.ok) throw new Error(JSON.stringify(found.fault));
  expect(found.value).toMatchObject({ source: "backup", facts: { mac: stage.device.mac } });
  expect(found.value.settings).toEqual(
    expect.arrayContaining([
      { key: "prov.polling.period", value: "86400", layer: "config" },
      { key: "prov.polling.period", value: "7200", layer: "web" },
      { key: "apps.push.password", value: "s3cret", layer: "web" },
    ]),
  );
  expect(found.value.document?.toString()).toContain("<PHONE_BACKUP>");
});

test("readPhoneSettings(): without the page, values by name with their layer, unknown names left out [uc 4.7.1]", async () => {
  const { read: found } = await read({ kind: "vvx", vars: { params: PARAMS, noBackup: true } });
  if (!found.ok) throw new Error(JSON.stringify(found.fault));
  expect(found.value.source).toBe("values");
  expect(found.value.document).toBeUndefined();
  expect(found.value.settings).toContainEqual({ key: "prov.polling.period", value: "7200", layer: "web" });
  expect(found.value.settings.map(({ key }) => key)).not.toContain("diags.telnetd.enabled");
});

test("readPhoneSettings(): a wrong password is tried no further", async () => {
  const { read: found } = await read({ kind: "vvx" }, ({ device }) => setVars(device, { password: "another" }));
  expect(found).toMatchObject({ ok: false, fault: { kind: "denied" } });
});

test("SETTING_NAMES: each once, none of them a secret", () => {
  expect(new Set(SETTING_NAMES).size).toBe(SETTING_NAMES.length);
  expect(SETTING_NAMES.filter((name) => /password|pin$|key$/i.test(name))).toEqual([]);
});
