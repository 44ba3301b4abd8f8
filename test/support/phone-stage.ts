/**
 * A few simulated phones on loopback, with a plain client: what a test of the simulated site needs and no driver is in it.
 */
import { createHash } from "node:crypto";
import { type ClientRequest, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { createCertificates } from "../../fixtures/site/certificate.ts";
import type { DeviceKind, SimDevice, Site, SitePorts } from "../../fixtures/site/device.ts";
import { createJournal, type JournalEntry } from "../../fixtures/site/journal.ts";
import { openListeners } from "../../fixtures/site/listeners.ts";
import { Phone } from "../../fixtures/site/phone.ts";
import { PHONE_TIMES } from "../../fixtures/site/phone-times.ts";
import { type PhoneVars, setVars } from "../../fixtures/site/phone-vars.ts";
import { planSecrets } from "../../fixtures/site/plan.ts";
import { type Draft, makeDevice } from "../../fixtures/site/plan-device.ts";
import { handlePhoneWeb } from "../../fixtures/site/wire/phone-web.ts";
import { answerSip } from "../../fixtures/site/wire/sip.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { type Clock, scaledClock } from "../../protocols/core/time.ts";

const NOW_MS = 1_795_305_600_000;
/** One usual phone of each kind. Part numbers of CCX, Trio and Edge are this test's own. */
const USUAL: Readonly<Record<string, Pick<Draft, "model" | "partNumber" | "running" | "mac">>> = {
  vvx: { model: "VVX 450", partNumber: "3111-48840-001", running: "6.4.6.2494", mac: "64167f000001" },
  trio: { model: "Trio 8800", partNumber: "3111-65290-001", running: "7.2.2.1094", mac: "64167f000002" },
  ccx: { model: "CCX 500", partNumber: "3111-49710-001", running: "9.4.1.0508", mac: "64167f000003" },
  edge: { model: "Edge E350", partNumber: "3111-48860-001", running: "8.5.0.1107", mac: "482567000004" },
  soundpoint: { model: "SoundPoint IP 550", partNumber: "2345-12500-001", running: "4.0.15.1047", mac: "0004f2000005" },
};

export type StagePhone = Partial<Draft> & { readonly kind: DeviceKind; readonly vars?: Partial<PhoneVars> };

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly bytes: Buffer;
}

export interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Basic log-in; the admin's where absent, none where `null`. */
  readonly auth?: string | null;
  readonly plain?: boolean;
}

export interface PhoneStage {
  readonly site: Site;
  readonly device: SimDevice;
  readonly phone: Phone;
  readonly devices: readonly SimDevice[];
  readonly admin: string;
  journal(): readonly JournalEntry[];
  http(ask: Ask): Promise<Answer>;
  /** What a REST path answers, as JSON. */
  rest(path: string, data?: unknown): Promise<Readonly<Record<string, unknown>>>;
  close(): Promise<void>;
}

let stages = 0;

/** The first phone is the one asked. `factor` is how fast the site's clock runs. */
export async function openPhones(
  drafts: readonly StagePhone[],
  options: { provisioning?: string; factor?: number } = {},
): Promise<PhoneStage> {
  const clock: Clock = scaledClock({ factor: options.factor ?? 1, originMs: NOW_MS, realOriginMs: performance.timeOrigin });
  const random = seededRandom(5);
  const net = `127.${110 + (process.pid % 100)}.${++stages}`;
  const devices = drafts.map((draft, index) => deviceOf(draft, `${net}.${index + 1}`, { clock, random }));
  const ports = { https: 0, http: 0, ssh: 0, telnet: 0, sip: 0, snmp: 0 };
  const journal = createJournal(clock);
  const stop = new AbortController();
  const phones = new Map<string, Phone>();
  const site: Site = {
    seed: 5,
    clock,
    random,
    devices,
    byAddress: new Map(devices.map((device) => [device.address, device])),
    secrets: planSecrets(5),
    ports,
    journal: (entry) => journal.write(entry),
    reboot: (device, why) => phones.get(device.mac)?.restart(why),
    provisioningUrl: options.provisioning,
    stop: stop.signal,
  };
  let cut = (_device: SimDevice): void => undefined;
  for (const device of devices) phones.set(device.mac, new Phone(device, { site, times: PHONE_TIMES, cut: (each) => cut(each) }));
  const listeners = await openListeners(site, ports, {
    contextOf: createCertificates(() => clock.nowMs()),
    http: (device, request, response) => handlePhoneWeb({ site, device, phone: phones.get(device.mac) }, request, response),
    ssh: (_device, socket) => socket.destroy(),
    telnet: (_device, socket) => socket.destroy(),
    snmp: () => [],
    sip: (device, packet) => answerSip(site, device, packet, phones.get(device.mac)),
  });
  cut = (device) => listeners.cut(device);
  const [device] = devices as [SimDevice];
  const admin = `${site.secrets.phoneUser}:${site.secrets.phonePassword}`;
  const http = (ask: Ask): Promise<Answer> => send(device, site.ports, { auth: admin, ...ask });
  return {
    site,
    device,
    phone: phones.get(device.mac) as Phone,
    devices,
    admin,
    journal: () => journal.entries(),
    http,
    async rest(path, data) {
      const ask: Ask = data === undefined ? { path } : { path, method: "POST", body: JSON.stringify({ data }), headers: jsonType };
      const answer = await http(ask);
      return { http: answer.status, ...(JSON.parse(answer.text) as Record<string, unknown>) };
    },
    async close() {
      stop.abort();
      await listeners.close();
    },
  };
}

export const jsonType = { "content-type": "application/json" };

function deviceOf(draft: StagePhone, address: string, io: { clock: Clock; random: ReturnType<typeof seededRandom> }): SimDevice {
  const { vars, ...given } = draft;
  const usual = USUAL[draft.kind];
  if (usual === undefined) throw new Error(`no usual phone of kind ${draft.kind}`);
  const line = { number: "1001", address: "1001@pbx.example", registered: true };
  const whole: Draft = { name: "Desk", floor: "1", duties: [], lines: [line], ...usual, ...given, address };
  const device = makeDevice(whole, io.clock.nowMs(), io.random);
  setVars(device, vars ?? {});
  return device;
}

function send(device: SimDevice, ports: SitePorts, ask: Ask): Promise<Answer> {
  const { method = "GET", path, body, headers = {}, auth, plain = false } = ask;
  const port = plain ? ports.http : ports.https;
  const options = { host: device.address, port, method, path, agent: false, headers, ...(auth ? { auth } : {}) };
  return new Promise((resolve, reject) => {
    const take = (answer: IncomingMessage): void => {
      const pieces: Buffer[] = [];
      answer.on("data", (piece: Buffer) => pieces.push(piece));
      answer.on("error", reject);
      answer.on("end", () => {
        const bytes = Buffer.concat(pieces);
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: bytes.toString("utf8"), bytes });
      });
    };
    const request: ClientRequest = plain ? httpRequest(options, take) : httpsRequest({ ...options, rejectUnauthorized: false }, take);
    request.on("error", reject);
    request.end(body);
  });
}

/** The value of an `Authorization` header that answers a Digest challenge. Source: RFC 7616. */
export function digestFor(challenge: string, ask: { method: string; uri: string; login: string }): string {
  const field = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? "";
  const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
  const [user = "", password = ""] = ask.login.split(":");
  const [realm, nonce] = [field("realm"), field("nonce")];
  const response = md5(`${md5(`${user}:${realm}:${password}`)}:${nonce}:00000001:abc:auth:${md5(`${ask.method}:${ask.uri}`)}`);
  return `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${ask.uri}", qop=auth, nc=00000001, cnonce="abc", response="${response}"`;
}
