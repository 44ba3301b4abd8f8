/** Devices made by hand from the documents, for tests of families. */
import { createSocket } from "node:dgram";
import type { AddressInfo } from "node:net";
import type { TlsOptions } from "node:tls";
import { onTestFinished } from "vitest";
import { type Fault, fail, ok, type Result } from "../../../protocols/core/fault.ts";
import type { FamilyIo } from "../../../protocols/families/family.ts";
import { createReader } from "../../../protocols/shell/prompt.ts";
import type { Shell } from "../../../protocols/shell/shell.ts";
import type { SshClient, SshTarget } from "../../../protocols/ssh/client.ts";
import { type MadeCertificate, makeCertificate } from "../../support/certificate.ts";
import { familyIo, PASSWORD } from "../../support/family-io.ts";
import { answerJson, type HttpsDevice, httpsDevice, type SeenRequest } from "../../support/https-device.ts";

export const never = new AbortController().signal;
export const PHONE_MAC = "64167faabbcc";
export const PHONE_CERTIFICATE: MadeCertificate = makeCertificate(`CN=${PHONE_MAC}, O=Polycom Inc.`);
export const ROOM_CERTIFICATE: MadeCertificate = makeCertificate("CN=00e0dbaabbcc, O=Polycom Inc.");

/** Closed after the test that opened it, last first. */
export const closeAfter = (close: () => Promise<void>): void => onTestFinished(close);

export function realIo(): FamilyIo {
  const io = familyIo();
  closeAfter(() => io.close());
  return io;
}

/** An HTTP answer that is no JSON: status and body. */
export interface Plain {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
export type Answer = Plain | ((request: SeenRequest) => unknown);

const isPlain = (answer: unknown): answer is Plain => typeof answer === "object" && answer !== null && "status" in answer;

/** `{"Status":"2000","data":…}` */
export const said =
  (data: unknown, Status: unknown = "2000"): (() => unknown) =>
  () => ({ Status, data });

const BASIC = `Basic ${Buffer.from(`Polycom:${PASSWORD}`).toString("base64")}`;
export const DISABLED: Plain = { status: 404, body: "<html>Not found</html>" };

/** A healthy VVX 411 with one line, idle. Source: protocols/uc-phones.md 4. */
export const VVX: Readonly<Record<string, Answer>> = {
  "v1/mgmt/device/info": said({
    ModelNumber: "VVX 411",
    FirmwareRelease: "6.4.6.2327",
    DeviceVendor: "Polycom",
    MACAddress: PHONE_MAC,
    UpTimeSinceLastReboot: "1 Day 0:00:10",
    AttachedHardware: { EM: [{ type: "VVX EM50", version: "1.2.3.4" }] },
  }),
  "v2/webCallControl/callStatus": said([]),
  "v1/mgmt/lineInfo": said([{ SIPAddress: "1001@pbx", ProxyAddress: "pbx", Protocol: "SIP", RegistrationStatus: "registered" }]),
};

export interface PhoneOptions {
  readonly certificate?: MadeCertificate;
  /** Asked for a password before any answer but 404 of a disabled interface. */
  readonly accepts?: (authorization: string) => boolean;
  readonly tls?: TlsOptions;
}

/** REST of a phone below `/api/`; paths it does not have answer 404 as an HTML page, after the challenge. */
export async function phone(answers: Readonly<Record<string, Answer>>, options: PhoneOptions = {}): Promise<HttpsDevice> {
  const { certificate = PHONE_CERTIFICATE, accepts = (authorization) => authorization === BASIC } = options;
  const device = await httpsDevice(
    certificate,
    (request, response) => {
      if (!accepts(request.headers.authorization ?? "")) {
        return void response.writeHead(401, { "www-authenticate": 'Basic realm="SPIP Configuration"' }).end();
      }
      const answer = answers[request.path.replace(/^\/api\//, "")] ?? DISABLED;
      if (isPlain(answer)) return void response.writeHead(answer.status, { ...answer.headers }).end(answer.body ?? "");
      const value = answer(request);
      if (isPlain(value)) return void response.writeHead(value.status, { ...value.headers }).end(value.body ?? "");
      answerJson(response, value);
    },
    options,
  );
  closeAfter(() => device.close());
  return device;
}

/** A phone whose REST is disabled: 404 before any challenge. */
export async function phoneWithoutRest(): Promise<HttpsDevice> {
  const device = await httpsDevice(PHONE_CERTIFICATE, (_, response) => void response.writeHead(404).end(DISABLED.body));
  closeAfter(() => device.close());
  return device;
}

/** Requests that reached the device with a password, as `METHOD path`. */
export function loggedIn(device: HttpsDevice): string[] {
  return device.requests.filter(({ headers }) => headers.authorization !== undefined).map(({ method, path }) => `${method} ${path}`);
}

export interface SipPhone {
  readonly port: number;
  readonly messages: string[];
}

/** Answers OPTIONS with its agent and contact, NOTIFY with `notify`'s status line and headers; `undefined` is silence. */
export async function sipPhone(
  userAgent: string | undefined,
  notify: (message: string) => string | undefined = () => "200 OK",
): Promise<SipPhone> {
  const socket = createSocket("udp4");
  const messages: string[] = [];
  socket.on("message", (data, from) => {
    const message = data.toString();
    messages.push(message);
    const copied = ["Via", "From", "To", "Call-ID", "CSeq"].map((name) => new RegExp(`^${name}: .*$`, "m").exec(message)?.[0].trim());
    const own = [...(userAgent === undefined ? [] : [`User-Agent: ${userAgent}`]), "Contact: <sip:1001@127.0.0.1>"];
    const status = message.startsWith("NOTIFY") ? notify(message) : "200 OK";
    if (status === undefined) return;
    socket.send([`SIP/2.0 ${status}`, ...copied, ...own, "Content-Length: 0", "", ""].join("\r\n"), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  closeAfter(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return { port: (socket.address() as AddressInfo).port, messages };
}

/** What a unit's shell shows after each command; a fault ends the connection. */
export type Transcript = Readonly<Record<string, string | Fault>>;

export interface FakeSsh extends SshClient {
  readonly targets: SshTarget[];
  readonly asked: string[];
}

/** Shells that show a transcript; answers are found in it as in a real one. A log-in fault is the whole session's. */
export function fakeSsh(transcript: Transcript, login?: Fault): FakeSsh {
  const targets: SshTarget[] = [];
  const asked: string[] = [];
  const ask: Shell["ask"] = async (command, shape): Promise<Result<readonly string[]>> => {
    asked.push(command);
    const shown = transcript[command] ?? "error: command not found\r\n";
    if (typeof shown !== "string") return fail(shown);
    const heard = createReader(command, shape).feed(shown);
    if (heard.at === "answer") return ok(heard.lines);
    if (heard.at === "refused") return fail({ kind: "refused", via: "ssh", reason: heard.reason });
    return fail({ kind: "overBudget", via: "ssh", budget: "time", limit: 10_000 });
  };
  return {
    targets,
    asked,
    banner: async () => fail({ kind: "unreachable", via: "ssh" }),
    offer: async () => fail({ kind: "unreachable", via: "ssh" }),
    session: async (target, _login, run, signal) => {
      targets.push(target);
      return login === undefined ? run({ ask, hostFingerprint: "SHA256:unit" }, signal) : fail(login);
    },
    close: async () => undefined,
  };
}
