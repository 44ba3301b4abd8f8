/**
 * A phone's part number where REST does not state it: its home page, else what its upgrade page knows of the hardware. Asked once
 * per phone, because a board does not change. Source: protocols/uc-phones.md 2 and 5.
 */
import { type Fault, fail, ok, type Result } from "../core/fault.ts";
import type { Mac } from "../core/ids.ts";
import type { Board } from "./boards.ts";
import { readHomePage, readPage, type WebPlace } from "./phone-web.ts";

/** `…;HARDWARE_ID=3111-48450-001;HARDWARE_REV=A;…` */
export function decodeHardware(body: Buffer): Result<Board> {
  const pairs = body
    .toString("utf8", 0, 64 * 1024)
    .split(";")
    .map((pair) => /^\s*(HARDWARE_ID|HARDWARE_REV)=(.{1,40}?)\s*$/.exec(pair));
  const valueNamed = (name: string): string | undefined => pairs.find((pair) => pair?.[1] === name)?.[2];
  const partNumber = /^\d{4}-\d{5}-\d{3}$/.exec(valueNamed("HARDWARE_ID") ?? "")?.[0];
  const revision = /^\w{1,4}$/.exec(valueNamed("HARDWARE_REV") ?? "")?.[0];
  if (partNumber === undefined) return fail({ kind: "garbled", via: "https", wanted: "the phone's hardware" });
  return ok({ partNumber, ...(revision === undefined ? {} : { revision }) });
}

/** Does the phone itself not have it? Silence, a lock-out and a wrong password pass. */
const lasting = ({ kind }: Fault): boolean => kind === "off" || kind === "garbled";

/** The board of a phone whose MAC is known; empty where it tells none. */
export async function readBoard(place: WebPlace, mac: Mac, signal: AbortSignal): Promise<Board> {
  const known = place.io.boards?.of(mac);
  if (known !== undefined) return known;
  const home = await readHomePage(place, signal);
  if (home.ok && home.value.value.partNumber !== undefined) {
    const { partNumber, revision } = home.value.value;
    const board = { partNumber, ...(revision === undefined ? {} : { revision }) };
    place.io.boards?.note(mac, board);
    return board;
  }
  // After a refused password or silence nothing further is asked.
  if (!home.ok && !lasting(home.fault)) return {};
  const hardware = await readPage(place, "/Utilities/softwareUpgrade/getProvisioningServer", decodeHardware, signal);
  if (!hardware.ok && !lasting(hardware.fault)) return {};
  const board = hardware.ok ? hardware.value.value : {};
  place.io.boards?.note(mac, board);
  return board;
}
