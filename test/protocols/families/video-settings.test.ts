import { afterEach, expect, test } from "vitest";
import { Secret } from "../../../protocols/core/secret.ts";
import { readVideoSettings } from "../../../protocols/families/video-settings.ts";
import { familyIo, targetAt } from "../../support/family-io.ts";
import { openVideoSite, videoDevice } from "../../support/video-site.ts";
import { never } from "./kit.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function read(kind: "studio" | "group") {
  const device = videoDevice(kind);
  const made = await openVideoSite([device]);
  const io = familyIo();
  closers.push(made.close, io.close);
  const { roomUser, roomPassword, groupUser, groupPassword } = made.site.secrets;
  const [user, password] = kind === "studio" ? [roomUser, roomPassword] : [groupUser, groupPassword];
  const target = await targetAt(
    { https: made.site.ports.https },
    {
      address: device.address,
      credentials: [{ kind: "password", id: "site", user, password: new Secret(password) }],
    },
  );
  return readVideoSettings(kind === "studio" ? "video-os" : "group", { target, io }, never);
}

test("readVideoSettings(): VideoOS: its whole file, secrets withheld, and who it is [video 2.5.11] [video 3.1]", async () => {
  const found = await read("studio");
  if (!found.ok) throw new Error(JSON.stringify(found.fault));
  expect(found.value).toMatchObject({ source: "export", facts: { mac: "00e0dbaabb01" } });
  expect(found.value.settings).toContainEqual({ key: "upgrade.auto.enable", value: "true" });
  expect(found.value.settings).toContainEqual({ key: "snmp.community", value: "REMOVED_SECURE_CONTENT" });
  expect(found.value.document?.toString()).toContain("PHONE_CONFIG");
});

test("readVideoSettings(): Group: the names on record, in the old tree [video 4.1.1] [snmp 2.1]", async () => {
  const found = await read("group");
  if (!found.ok) throw new Error(JSON.stringify(found.fault));
  expect(found.value.source).toBe("values");
  expect(found.value.settings).toContainEqual({ key: "softupdate.maintwindow.duration", value: "2_hr" });
  expect(found.value.settings.some(({ key }) => /password|community|key$/.test(key))).toBe(false);
});
