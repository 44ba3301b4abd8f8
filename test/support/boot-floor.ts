/**
 * A floor of simulated phones of several models that boots at a customer's boot server, and what each of them received by the
 * simulator's own record.
 */
import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, vi } from "vitest";
import type { ReceivedFile, SimDevice } from "../../fixtures/site/device.ts";
import { buildImage } from "../../fixtures/site/image.ts";
import type { Mac } from "../../protocols/core/ids.ts";
import { openPhones, type PhoneStage, type StagePhone } from "./phone-stage.ts";

export const FLOOR = 200;
export const CURRENT = "6.4.6.2494";
export const NEWER = "6.4.8.1190";
const MODELS = [
  { kind: "vvx", model: "VVX 450", partNumber: "3111-48840-001" },
  { kind: "vvx", model: "VVX 411", partNumber: "3111-48450-001" },
  { kind: "vvx", model: "VVX 350", partNumber: "3111-48830-001" },
] as const;
export const macAt = (index: number): Mac => `64167f00${index.toString(16).padStart(4, "0")}` as Mac;

export const imageOf = (version: string, partNumber: string): Buffer =>
  buildImage({ header: { version, partNumbers: [partNumber] }, sizeBytes: 20_000, seed: 1 });

/** Which kind of master file a phone has: its own in several hands' spelling, or everybody's. */
const MASTERS: readonly ((mac: string) => string | undefined)[] = [
  (mac) =>
    `<?xml version="1.0" standalone="yes"?>\r\n<!-- APP_FILE_PATH="old" -->\r\n<APPLICATION APP_FILE_PATH="sip.ld" CONFIG_FILES="${mac}-user.cfg, common.cfg" MISC_FILES=""\r\n  OVERRIDES_DIRECTORY="" />\r\n`,
  () => undefined,
  (mac) =>
    `\ufeff<APPLICATION MISC_FILES='' CONFIG_FILES='common.cfg'\n\tAPP_FILE_PATH = 'images/sip.ld' LOG_FILE_DIRECTORY='logs' OVERRIDES_DIRECTORY='overrides/[PHONE_MAC_ADDRESS]' CONTACTS_DIRECTORY='contacts' note='${mac} b\u00fcro'></APPLICATION>`,
];
export const EVERYBODY = `<?xml version="1.0" encoding="UTF-8"?>
<APPLICATION APP_FILE_PATH="missing/sip.ld" DECT_FILE_PATH="3111-17823-001.dect.ld" CONFIG_FILES="[PHONE_MAC_ADDRESS]-user.cfg, common.cfg">
  <APPLICATION_VVX450 APP_FILE_PATH_VVX450="sip.ld" CONFIG_FILES_VVX450="common.cfg"/>
  <APPLICATION_VVX411 APP_FILE_PATH_VVX411="images/sip.ld" />
  <APPLICATION_VVX350 APP_FILE_PATH_VVX350="sip.ld"/>
</APPLICATION>
`;

const WRITTEN_AT = 1_700_000_000;

/** The customer's files, in a folder. A second call puts everything back as it was, file times too. */
export function writeCustomerFiles(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  const put = (path: string, body: string | Buffer): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), body);
    utimesSync(join(folder, path), WRITTEN_AT, WRITTEN_AT);
  };
  for (const { partNumber } of MODELS)
    for (const place of ["", "images/"]) put(`${place}${partNumber}.sip.ld`, imageOf(CURRENT, partNumber));
  put("000000000000.cfg", EVERYBODY);
  put("common.cfg", '<PHONE_CONFIG><ALL\r\n a.b="1" c.d="&lt;x&gt;"/></PHONE_CONFIG>');
  put("000000000000-directory.xml", "<directory/>");
  put("000000000000-license.cfg", "<license/>");
  for (let i = 0; i < FLOOR; i++) {
    const mac = macAt(i);
    const own = MASTERS[i % MASTERS.length]?.(mac);
    if (own !== undefined) put(`${mac}.cfg`, own);
    if (i % 2 === 0) put(`${mac}-user.cfg`, `<polycomConfig reg.1.label="b\u00fcro ${i}"/>`);
    if (i % 5 === 0) put(`${mac}-phone.cfg`, `<PHONE_CONFIG><OVERRIDES e.f="${i}"/></PHONE_CONFIG>`);
    if (i % 7 === 0) put(`contacts/${mac}-directory.xml`, `<directory><item_list><item><ln>${i}</ln></item></item_list></directory>`);
  }
}

export interface BootFloor {
  readonly stage: PhoneStage;
  readonly devices: readonly SimDevice[];
  /** Sends them to a server, lets all boot, and waits until each has ended its visit. */
  boot(server: string): Promise<ReadonlyMap<string, readonly ReceivedFile[]>>;
}

export async function openBootFloor(size = FLOOR): Promise<BootFloor> {
  const drafts = Array.from({ length: size }, (_, i): StagePhone => {
    const about = MODELS[i % MODELS.length] ?? MODELS[0];
    return { ...about, mac: macAt(i), running: CURRENT, updater: CURRENT, name: `Desk ${i}` };
  });
  // Models and kinds of master file are of one length: turned, so that each model has each of them.
  const turned = drafts.map((draft, i) => ({ ...draft, ...MODELS[(i + Math.floor(i / 3)) % MODELS.length] }));
  const stage = await openPhones(turned, { factor: 500 });
  return {
    stage,
    devices: stage.devices,
    async boot(server) {
      const got = new Map<string, ReceivedFile[]>(stage.devices.map(({ mac }) => [mac, []]));
      const over = new Set<string>();
      stage.site.provisioningUrl = server;
      stage.site.received = (answer) => {
        got.get(answer.mac)?.push(answer);
        // The last of a visit.
        if (answer.method === "PUT" && answer.path.endsWith("-app.log")) over.add(answer.mac);
      };
      for (const device of stage.devices) {
        // What it learnt of another server's folders does not count at this one.
        device.vars.delete("folders");
        stage.site.reboot(device, "test");
      }
      await vi.waitFor(() => expect(over.size).toBe(size), { timeout: 240_000, interval: 50 });
      delete stage.site.received;
      return got;
    },
  };
}

/** Everything a phone can see of an answer, but the moment it was made. */
export function shown({ method, path, status, headers, bytes }: ReceivedFile): unknown {
  const { date: _moment, connection: _hop, "keep-alive": _wait, "transfer-encoding": _frame, ...kept } = headers;
  return [`${method} ${path} ${status}`, kept, bytes.toString("latin1")];
}
