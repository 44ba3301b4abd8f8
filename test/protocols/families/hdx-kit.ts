/** An HDX made by hand from protocols/video.md 5: CGI behind HTTP Digest. */
import { createHash } from "node:crypto";
import type { MadeCertificate } from "../../support/certificate.ts";
import { PASSWORD } from "../../support/family-io.ts";
import { type HttpsDevice, httpsDevice, type SeenRequest } from "../../support/https-device.ts";
import { closeAfter } from "./kit.ts";

export const STATUS = (state: string): string =>
  `<?xml version="1.0"?><SYSTEMSTATUS><INACALL><LABEL><TRANSLATE>IN_A_CALL</TRANSLATE></LABEL><STATE>${state}</STATE></INACALL>` +
  "<TIMESERVER><LABEL/><STATE>up</STATE></TIMESERVER><MICROPHONES><LABEL/><STATE>down</STATE></MICROPHONES>" +
  "<GATEKEEPER><LABEL/><STATE>off</STATE></GATEKEEPER></SYSTEMSTATUS>";

/** What its command line answers. */
export const RESULTS: Readonly<Record<string, string>> = {
  "callinfo all": "system is not in a call",
  version: 'version "Release - 3.1.14-56008"',
  serialnum: "serialnum 8203AAAABBCCCV",
  "systemsetting get model": 'systemsetting model "HDX 9006"',
  "systemname get": "systemname TestHDX",
  "uptime get": "1 Hour, 10 Minutes",
};

export const DUMP = [
  "productversion,Release - 3.1.14",
  "buildnumber,56008",
  "serialnumber,8203AAAABBCCCV",
  "model,HDX 9006",
  "incall,False",
  "snmpenabled,True",
  "cfsswkey,KA2E-1111-2222-0000-0001",
].join("\r\n");

export interface HdxScript {
  readonly certificate?: MadeCertificate;
  readonly status?: string;
  readonly results?: Readonly<Record<string, string>>;
  readonly dump?: string;
  /** A challenge of its own, in place of Digest. */
  readonly challenge?: string;
}

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

/** Is it the Digest answer to our nonce? Without `qop`, as RFC 2069 has it. */
function isRight(request: SeenRequest): boolean {
  const field = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(request.headers.authorization ?? "")?.[1] ?? "";
  const proof = md5(`${md5(`admin:hdx:${PASSWORD}`)}:n1:${md5(`${request.method}:${request.path}`)}`);
  return field("username") === "admin" && field("nonce") === "n1" && field("response") === proof;
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

export interface FakeHdx extends HttpsDevice {
  readonly commands: string[];
}

export async function hdxDevice(script: HdxScript = {}): Promise<FakeHdx> {
  const results: Readonly<Record<string, string>> = { ...RESULTS, ...script.results };
  const commands: string[] = [];
  const device = await httpsDevice(script.certificate, (request, response) => {
    if (!isRight(request)) {
      return void response.writeHead(401, { "www-authenticate": script.challenge ?? 'Digest realm="hdx", nonce="n1"' }).end();
    }
    if (request.path === "/systemstatus.xml") return void response.end(script.status ?? STATUS("off"));
    if (request.path === "/a_createdatfilecsv.cgi") return void response.end(script.dump ?? DUMP);
    if (request.path !== "/a_apicommand.cgi" || request.method !== "POST") return void response.writeHead(404).end();
    const asked = (new URLSearchParams(request.body).get("apicommand") ?? "").split(";").filter((text) => text !== "");
    commands.push(...asked);
    const elements = asked.map((command) => {
      const result = results[command];
      const status = result === undefined ? "error" : "success";
      return `<apicommand><command status="${status}">${command}</command><result>${escaped(result ?? "error: command not found")}</result></apicommand>`;
    });
    response.end(`<?xml version="1.0"?><apicommands>${elements.join("")}</apicommands>`);
  });
  closeAfter(() => device.close());
  return { ...device, commands };
}
