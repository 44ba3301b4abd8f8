/** Phones without REST made by hand from protocols/uc-phones.md 5 and 6: home page, state polling, upgrade page. */
import type { ServerResponse } from "node:http";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import type { Ms } from "../../../protocols/core/time.ts";
import type { FamilyIo } from "../../../protocols/families/family.ts";
import { type MadeCertificate, makeCertificate } from "../../support/certificate.ts";
import { PASSWORD } from "../../support/family-io.ts";
import { type HttpsDevice, httpsDevice, type SeenRequest } from "../../support/https-device.ts";
import { closeAfter, realIo } from "./kit.ts";

export const SOUNDPOINT_MAC = "0004f2aabbcc";
const CERTIFICATE = makeCertificate("CN=0004f2aabbcc, O=Polycom Inc.");
export const POLLING_PASSWORD = "polling-canary";
export const pollingAccount: Credential = {
  kind: "password",
  id: "polling",
  user: "poller",
  password: new Secret(POLLING_PASSWORD),
  families: ["state-polling"],
};
export const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
export const ADMIN = basic("Polycom", PASSWORD);

export const HOME = `<html><head><title>Polycom - Configuration Utility</title></head><body><table>
<tr><td>Phone Model</td><td id="phoneModelInformationTd">
 SoundPoint IP 550 </td></tr>
<tr><td>Part Number</td><td>3111-12500-001 Rev:A</td></tr>
<tr><td>MAC Address</td><td>00:04:f2:aa:bb:cc</td></tr>
<tr><td>UC Software Version</td><td id="UCS_software_version">
 4.0.15.1009 </td></tr>
<tr><td>BootROM Software Version</td><td>5.0.15.1009</td></tr></table></body></html>`;

const wrapped = (inner: string): string => `<?xml version="1.0" encoding="UTF-8"?>\n<PolycomIPPhone>${inner}</PolycomIPPhone>`;
export const line = (state: string, call = "", key = "1"): string =>
  `<CallLineInfo><LineKeyNum>${key}</LineKeyNum><LineDirNum>100${key}</LineDirNum><LineState>${state}</LineState>${call}</CallLineInfo>`;
export const CALL =
  "<CallInfo><CallState>Connected</CallState><CallType>Incoming</CallType><UIAppearanceIndex>1*</UIAppearanceIndex><CallingPartyName>Somebody Private</CallingPartyName><CallingPartyDirNum>+4915112345678</CallingPartyDirNum><CallReference>7</CallReference><CallDuration>9</CallDuration></CallInfo>";
export const calls = (...lines: readonly string[]): string => wrapped(lines.join("\n"));
export const DEVICE = wrapped(
  "<DeviceInformation><MACAddress>0004f2aabbcc</MACAddress><PhoneDN>Line1:1001,</PhoneDN><AppLoadID>4.0.15.1009 20-Nov-17 10:00</AppLoadID><BootROMID>5.0.15.1009 20-Nov-17 10:00</BootROMID><ModelNumber>SoundPoint IP 550</ModelNumber><TimeStamp>2026-11-22T12:00:00</TimeStamp></DeviceInformation>",
);
export const network = (server: string): string =>
  wrapped(
    `<NetworkConfiguration><DHCPEnabled>Yes</DHCPEnabled><MACAddress>0004f2aabbcc</MACAddress><ProvServer>${server}</ProvServer></NetworkConfiguration>`,
  );

/** Bodies by path; a number is a bare status. */
export type Pages = Readonly<Record<string, string | number>>;
export const IDLE: Pages = {
  "/home.htm": HOME,
  "/polling/callstateHandler": calls(line("Inactive")),
  "/polling/deviceHandler": DEVICE,
  "/polling/networkHandler": network("https://prov.example"),
};

export interface WebPhoneOptions {
  readonly certificate?: MadeCertificate | undefined;
  /** Plain HTTP. */
  readonly plain?: boolean;
  /** Which log-in a path wants; `undefined` is none. */
  readonly wants?: (path: string) => string | undefined;
  /** Answers instead of the pages where it returns true. */
  readonly first?: (request: SeenRequest, response: ServerResponse) => boolean;
}

const USUAL = (path: string): string => (path.startsWith("/polling/") ? basic("poller", POLLING_PASSWORD) : ADMIN);

/** Wants the administrator's password twice on pages, and the account of its own for polling. What does not exist is 404 before any challenge. */
export async function webPhone(pages: Pages, options: WebPhoneOptions = {}): Promise<HttpsDevice> {
  const { wants = USUAL, certificate = CERTIFICATE, plain = false } = options;
  const device = await httpsDevice(plain ? undefined : certificate, (request, response) => {
    if (options.first?.(request, response) === true) return;
    const page = pages[request.path.split("?", 1)[0] ?? ""] ?? 404;
    if (page === 404) return void response.writeHead(404).end("<html>Not found</html>");
    const login = wants(request.path);
    const page2 = !request.path.startsWith("/polling/");
    const cookie = request.headers.cookie === `Authorization=${login}` && request.headers.referer !== undefined;
    if (login !== undefined && (request.headers.authorization !== login || (page2 && !cookie))) {
      return void response.writeHead(401, { "www-authenticate": 'Basic realm="SPIP Configuration"' }).end();
    }
    if (typeof page === "number") return void response.writeHead(page).end();
    response.writeHead(200, { "content-type": "text/html", server: "Polycom SoundPoint IP Telephone HTTPd" }).end(page);
  });
  closeAfter(() => device.close());
  return device;
}

export interface QuickIo {
  readonly io: FamilyIo;
  /** Lengths asked of the clock, which wakes everybody at once. */
  readonly waits: readonly Ms[];
}

export function quickIo(): QuickIo {
  const io = realIo();
  const waits: Ms[] = [];
  const sleep = async (lengthMs: Ms, signal?: AbortSignal): Promise<void> => {
    waits.push(lengthMs);
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  };
  return { io: { ...io, clock: { ...io.clock, sleep } }, waits };
}
