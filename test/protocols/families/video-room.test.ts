import { expect, test } from "vitest";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import type { FamilyIo, Target } from "../../../protocols/families/family.ts";
import { readVideo, type VideoSeenMore } from "../../../protocols/families/video-room.ts";
import { PASSWORD, targetAt } from "../../support/family-io.ts";
import { httpsDevice } from "../../support/https-device.ts";
import { type Answer, closeAfter, never, realIo } from "./kit.ts";
import { GROUP, json, type Room, room, text, X50 } from "./room.ts";

const admin: Credential = { kind: "password", id: "rooms", user: "admin", password: new Secret(PASSWORD) };

async function placeOf(device: Room): Promise<{ target: Target; io: FamilyIo }> {
  return { target: await targetAt({ https: device.port }, { credentials: [admin] }), io: realIo() };
}

async function more(answers: Readonly<Record<string, Answer>>, family: "video-os" | "group" = "video-os"): Promise<VideoSeenMore> {
  const device = await room(answers);
  const seen = await readVideo(family, await placeOf(device), never);
  expect(device.sessions()).toBe(0);
  if (!seen.ok) throw new Error(`expected a visit: ${seen.fault.kind}`);
  return seen.value;
}

test("readVideo(): the codec itself is no part of the room, its panel is [video 2.5.16]", async () => {
  const seen = await more(X50);
  expect(seen.parts).toMatchObject([{ model: "TC8", mac: "00e0dbaabbdd", connected: true }]);
  expect([seen.peripheralsDown, seen.managedBy, seen.faults]).toEqual([0, "none", []]);
});

test("readVideo(): Group's second indicator makes it busy [video 2.3.5]", async () => {
  const status = json([{ languageTag: "CALL", name: "system.status.inacall", state: ["up"] }]);
  expect((await more({ ...GROUP, "system/status": status }, "group")).inUse).toMatchObject({ state: "busy" });
});

test("readVideo(): what a build does not offer is undefined and no fault; nonsense is a fault and undefined", async () => {
  const group = await more(GROUP, "group");
  expect([group.parts, group.managedBy, group.faults]).toEqual([undefined, undefined, []]);
  const odd = await more({
    ...X50,
    "POST devicemanagement/devices": json({}),
    "provisioning/config": text("<html>"),
    "system/status": json({}),
  });
  expect([odd.parts, odd.managedBy, odd.peripheralsDown]).toEqual([undefined, undefined, undefined]);
  expect(odd.faults.map(({ kind }) => kind)).toEqual(["garbled", "garbled", "garbled"]);
});

test("readVideo(): a partner application means somebody else's updater: Teams by name, others unknown, USB no one [video 2.5.1]", async () => {
  const managed = async (answers: Readonly<Record<string, Answer>>): Promise<unknown> => (await more({ ...X50, ...answers })).managedBy;
  expect(await managed({ "system/mode": json({ activePersona: "Microsoft Teams" }) })).toBe("teams");
  expect(await managed({ "system/mode": json({ activePersona: "ZOOM" }) })).toBe("unknown");
  expect(await managed({ "system/mode/device": json({ result: true }) })).toBe("none");
});

test("readVideo(): the package of an application names Teams where its persona does not [video 2.5.1]", async () => {
  const apps = json([
    { appName: "Zoom Rooms", personaName: "ZOOM", packageName: "us.zoom.zrc", versionInfo: "5.1" },
    { appName: "MTR", personaName: "PARTNER", packageName: "com.microsoft.skype.teams.ipphone", versionInfo: "1449/1.0", lastUpdatedOn: 1 },
  ]);
  const seen = await more({ ...X50, "system/mode": json({ activePersona: "PARTNER" }), "system/apps": apps });
  expect([seen.managedBy, seen.notes]).toEqual(["teams", expect.arrayContaining(["application MTR 1449/1.0"])]);
});

test("readVideo(): applications are asked only where one of a partner holds the screen", async () => {
  const device = await room(X50);
  await readVideo("video-os", await placeOf(device), never);
  expect(device.asked).not.toContain("system/apps");
});

test("readVideo(): registrar and gatekeeper are lines; one without an address or state is not set up [video 2.5.2]", async () => {
  const seen = await more({
    ...X50,
    "system/sipservers": json([{ address: "192.0.2.5", state: "UP", model: "x", version: "1" }, { address: "" }]),
    "system/h323gatekeepers": json([
      { address: "192.0.2.6", state: "DOWN" },
      { address: "192.0.2.7", state: "OFF" },
    ]),
  });
  expect(seen.lines).toEqual([
    { address: "sip:192.0.2.5", registered: true },
    { address: "h323:192.0.2.6", registered: false },
  ]);
  expect((await more(X50)).lines).toBeUndefined();
});

test("readVideo(): sessions of ours left open there are told, and left alone [video 2.1.7] [video 2.1.9]", async () => {
  const sessions = (...locations: string[]): Answer =>
    json({ sessionList: locations.map((location, index) => ({ sessionId: `PS${index}`, location, role: "ADMIN" })) });
  const notes = async (answer: Answer): Promise<readonly string[]> => (await more({ ...X50, "session/sessions": answer })).notes;
  expect(await notes(sessions("127.0.0.1", "10.9.9.9", "127.0.0.1", "127.0.0.1"))).toContain("2 older sessions of ours still open there");
  expect((await notes(sessions("127.0.0.1", "10.9.9.9"))).join()).not.toContain("older session");
});

test("readVideo(): a Group under a management server is not ours to update; on the wire it is asked by the old names [video 2.5.7] [video 2.5.18]", async () => {
  let asked = "";
  const config =
    (type: string, enabled = "True", server = "rm.example"): Answer =>
    (request) => {
      asked = request.body;
      const vars = {
        "management.provisioning.enabled": enabled,
        "management.provisioning.server": server,
        "management.provisioning.servertype": type,
      };
      return { vars: Object.entries(vars).map(([name, value]) => ({ name, value, result: "NOERROR", isEditable: true })) };
    };
  const managed = async (answer: Answer): Promise<unknown> => (await more({ ...GROUP, "POST config": answer }, "group")).managedBy;
  expect(await managed(config("DMS"))).toBe("rprm");
  expect(await managed(config("DMS", "False"))).toBe("none");
  expect(await managed(config("", "True", "t1.lens.poly.com"))).toBe("lens");
  expect(await managed(config("", "True"))).toBe("unknown");
  expect((await more({ ...GROUP, "POST config": config("DMS") }, "group")).provisioning).toEqual(["rm.example"]);
  expect((await more({ ...GROUP, "POST config": config("DMS", "False") }, "group")).provisioning).toEqual([]);
  expect(JSON.parse(asked)).toEqual({
    names: ["management.provisioning.enabled", "management.provisioning.server", "management.provisioning.servertype"],
  });
});

test("readVideo(): what is down and who updates the room are told to people [video 2.5.11]", async () => {
  const seen = await more({
    ...X50,
    "system/status": json([{ langtag: "S", name: "system.status.sipserver", stateList: ["down"] }]),
    "provisioning/config": text(
      '<PHONE_CONFIG><ALL upgrade.auto.enable="true" upgrade.auto.server.type="prov_server" snmp.enable="false"/>',
    ),
  });
  expect(seen.notes).toEqual(["down: sipserver", "updates itself from prov_server", "its settings: snmp off"]);
});

test("readVideo(): a whole visit only asks: it dials nobody, changes no mode and writes no setting [video 2.5.14] [video 2.5.15]", async () => {
  for (const [family, answers] of [
    ["video-os", X50],
    ["group", GROUP],
  ] as const) {
    const device = await room(answers);
    await readVideo(family, await placeOf(device), never);
    const posts = device.requests.filter(({ method, path }) => method !== "GET" && !path.endsWith("/session"));
    expect(posts.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(
      ["POST /rest/devicemanagement/devices", ...(family === "group" ? ["POST /rest/config"] : [])].toSorted(),
    );
    expect(posts.every(({ body }) => !body.includes("vars"))).toBe(true);
  }
});

test("readVideo(): a room may serve plain HTTP too, and is never shown a password there [video 3.12]", async () => {
  const clear = await httpsDevice(undefined, (_request, response) => void response.end("{}"));
  closeAfter(() => clear.close());
  const target = await targetAt({ http: clear.port }, { credentials: [admin], telnet: true });
  expect(await readVideo("group", { target, io: realIo() }, never)).toMatchObject({ ok: false, fault: { kind: "unreachable" } });
  expect(clear.requests).toEqual([]);
});
