/**
 * What a RealPresence Group posts to a provisioning server of its maker's dynamic management: it names itself and wants NTLM and
 * an answer we do not give. It is told as a check-in. Source: protocols/provisioning.md 11 (HL727/Meeting).
 */
import { parseXml, type XmlElement } from "../core/xml.ts";

/** An absent field is one the message does not state, or not readably. */
export interface ProvisionMessage {
  readonly deviceType?: string;
  readonly serial?: string;
  readonly model?: string;
}

/** Real ones are under 2 KB. */
const MESSAGE_BYTES_MAX = 16 * 1024;
const ROOT = "provisionrequestmessage";

/** Reads a body as such a message; `undefined` for anything else, and for more bytes than one has. The body is read no further than that. */
export async function readProvisionMessage(pieces: AsyncIterable<Buffer>): Promise<ProvisionMessage | undefined> {
  const kept: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of pieces) {
      bytes += piece.length;
      if (bytes > MESSAGE_BYTES_MAX) return undefined;
      kept.push(piece);
    }
  } catch {
    // The sender went away: half a message is none.
    return undefined;
  }
  return parseProvisionMessage(Buffer.concat(kept).toString("utf8"));
}

export function parseProvisionMessage(text: string): ProvisionMessage | undefined {
  const document = parseXml(text, "provisioning");
  if (!document.ok || document.value.name.toLowerCase() !== ROOT) return undefined;
  const stated = statedIn(document.value);
  const [deviceType, serial, model] = [stated.get("devicetype"), stated.get("serialnumber"), stated.get("model")];
  return {
    ...(deviceType !== undefined && /^\w{1,32}$/.test(deviceType) ? { deviceType } : {}),
    ...(serial !== undefined && /^[0-9A-Za-z-]{4,32}$/.test(serial) ? { serial } : {}),
    ...(model !== undefined && /^[\w .+-]{1,64}$/.test(model) ? { model } : {}),
  };
}

/** Texts of elements and values of attributes by name, wherever they stand: only their names are on record. */
function statedIn(element: XmlElement, found = new Map<string, string>()): ReadonlyMap<string, string> {
  const note = (name: string, value: string): void => {
    if (value !== "" && !found.has(name.toLowerCase())) found.set(name.toLowerCase(), value);
  };
  for (const [name, value] of element.attributes) note(name, value);
  note(element.name, element.text);
  for (const child of element.children) statedIn(child, found);
  return found;
}
