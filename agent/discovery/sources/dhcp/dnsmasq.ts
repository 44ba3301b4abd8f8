/**
 * The lease file of dnsmasq: a line a lease, written anew at every change. It holds no option 60, and no word on when a client
 * was heard. Pure.
 * Source: dnsmasq(8), --dhcp-leasefile; its author's list, "leases file format specification", 2016-06-09.
 */
import { parseMac } from "../../../../protocols/core/ids.ts";
import { isAddress } from "../../../../protocols/core/networks.ts";
import { type Ms, SECOND } from "../../../../protocols/core/time.ts";
import { HOST_NAME_CHARS, type LeaseText, type LeaseWord } from "./lease.ts";

/** `1795377600 64:16:7f:00:00:01 10.20.0.5 phone-5 01:64:16:7f:00:00:01`, the MAC of other kinds of networks after `06-`. */
const LINE = /^(\d{1,12}) (?:01-)?(\S{1,64}) (\S{1,45}) (\S{1,300}) (\S{1,1024})$/;

export function readDnsmasqLeases(text: string): LeaseText {
  const lines = text.split("\n");
  lines.pop();
  const words: LeaseWord[] = [];
  let unreadable = 0;
  let recognised = text.trim() === "" || lines.length === 0;
  for (const raw of lines) {
    const line = raw.trim();
    if (line === "") continue;
    // From here on it is DHCPv6, which holds no MAC.
    if (/^duid \S+$/.test(line)) {
      recognised = true;
      break;
    }
    const word = wordOf(line);
    if (word === undefined) unreadable++;
    else if (word !== "other") words.push(word);
    if (word !== undefined) recognised = true;
  }
  return { words, unreadable, recognised };
}

/** `other`: a lease, and of no Ethernet device. */
function wordOf(line: string): LeaseWord | "other" | undefined {
  const [, ends = "", hardware = "", address = "", host = ""] = LINE.exec(line) ?? [];
  if (ends === "" || !isAddress(address)) return undefined;
  const mac = parseMac(hardware);
  if (mac === undefined || address.includes(":")) return "other";
  const endsMs: Ms | undefined = Number(ends) === 0 ? undefined : Number(ends) * SECOND;
  const lease = {
    address,
    mac,
    ...(endsMs === undefined ? {} : { endsMs }),
    ...(host === "*" ? {} : { hostName: host.slice(0, HOST_NAME_CHARS) }),
  };
  return { address, lease };
}

/**
 * When a client was heard, from the file as a whole: it was last written when somebody renewed, and who renewed has a whole
 * lease before him. With leases of several lengths the answer for shorter ones is too early, never later than the file.
 */
export function heardBefore(endsMs: Ms | undefined, file: { readonly writtenMs: Ms; readonly lastEndMs: Ms | undefined }): Ms {
  const { writtenMs, lastEndMs } = file;
  return endsMs === undefined || lastEndMs === undefined ? writtenMs : writtenMs - (lastEndMs - endsMs);
}
