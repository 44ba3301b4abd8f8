/** A gateway in front of a customer's server that answers what a test wants. */
import type { EndpointOptions } from "../../../protocols/provisioning/endpoint.ts";
import type { OverlayOptions } from "../../../protocols/provisioning/gateway.ts";
import { type CustomerServer, openCustomerServer, type Says } from "./customer-server.ts";
import { type Bench, openBench, TOKEN } from "./kit.ts";

export const AGENT = "User-Agent: FileTransport PolycomVVX-VVX_411-UA/5.9.6.2327 Type/Application";
export const MASTER =
  '\ufeff<?xml version="1.0"?>\r\n<!-- ours -->\r\n<APPLICATION APP_FILE_PATH=\'sip.ld\' CONFIG_FILES="b\u00fcro.cfg"/>\r\n';
export const CHANGED = MASTER.replace("'sip.ld'", `'fw/${TOKEN}/sip.ld'`);
const STAMPS = ["ETag", '"abc"', "Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT", "Accept-Ranges", "bytes"];

export interface Overlay extends Bench {
  readonly customer: CustomerServer;
}

export async function openOverlay(says: Says, more: Partial<OverlayOptions> = {}, rest: Partial<EndpointOptions> = {}): Promise<Overlay> {
  const customer = await openCustomerServer(says);
  const bench = await openBench({ mode: { kind: "overlay", upstream: { url: customer.url }, ...more }, ...rest });
  return { ...bench, customer };
}

export const text =
  (body: string | Buffer, status = 200, headers: readonly string[] = []): Says =>
  (_heard, response) => {
    response.sendDate = false;
    const bytes = Buffer.from(body);
    response.writeHead(status, [...headers, "Content-Length", `${bytes.length}`]).end(bytes);
  };
/** A master file for everybody who asks for one of their own, nothing else. */
export const masters: Says = (heard, response, request) => {
  const isMaster = /\/[0-9a-f]{12}\.cfg$/.test(heard.url);
  text(isMaster ? MASTER : "", isMaster ? 200 : 404, isMaster ? ["Content-Type", "text/xml", ...STAMPS] : [])(heard, response, request);
};
export const said = ({ status, body }: { status: number; body: Buffer }) => [status, body.toString()];
export const odd = (bench: Bench) =>
  bench.told().flatMap((event) => (event.kind === "oddAnswer" ? [[event.what, event.path, event.why]] : []));
export const reasons = (bench: Bench) => bench.told().flatMap((event) => (event.kind === "refused" ? [event.reason] : []));
