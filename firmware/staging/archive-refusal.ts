/**
 * Why an archive is not taken, in words that say what to do. Pure.
 */
import type { Fault } from "../../protocols/core/fault.ts";

export type ArchiveWhy =
  | "webPage"
  | "notZip"
  | "spanned"
  | "damaged"
  | "encrypted"
  | "packing"
  | "tooMany"
  | "tooLarge"
  | "bomb"
  | "name"
  | "link"
  | "overlap"
  | "contradiction"
  | "checksum"
  | "noFirmware"
  | "severalReleases"
  | "tooSlow"
  | "disk";

export interface ArchiveRefusal {
  readonly why: ArchiveWhy;
  /** What is wrong and what to do; names in it are quoted and cut. */
  readonly words: string;
}

const FETCH_AGAIN = "Fetch it again from the Support Portal and compare its size";

const WHAT_TO_DO: Readonly<Record<ArchiveWhy, string>> = {
  webPage: "It is a web page and not an archive: the download asked for a log-in. Log in to the Support Portal, then fetch the file again",
  notZip: "It is not a zip archive. Take the file as the Support Portal gives it, named like UC_Software_6_4_6_release_sig_split.zip",
  spanned: "It is one part of an archive in several parts. Put the parts together first",
  damaged: `It is damaged or cut off. ${FETCH_AGAIN}`,
  encrypted: "It is encrypted. Unpack it with its password and pack the files again without one",
  packing: "It is packed in a way that is not read here. Pack the files again as an ordinary zip",
  tooMany: "It has more files than any release. Take the archive of one release",
  tooLarge: "It is larger unpacked than any release. Take the archive of one release",
  bomb: "It unpacks to far more than it holds, as no firmware does. Do not use this file, and ask where it came from",
  name: "It names files as no release does. Do not use this file, and ask where it came from",
  link: "It holds links or devices, as no release does. Do not use this file, and ask where it came from",
  overlap: "Its files lie over each other, as in an archive made to do harm. Do not use this file, and ask where it came from",
  contradiction: `It contradicts itself: two places say different things of one file. ${FETCH_AGAIN}`,
  checksum: `Its checksum is wrong: bytes changed on the way. ${FETCH_AGAIN}`,
  noFirmware: "It holds no image of a phone: no file named sip.ld or like 3111-48840-001.sip.ld. Take the release, not its documents",
  severalReleases: "It holds several images for one part number. Take the archive of one release",
  tooSlow: "It took too long to read. Try again when the machine is less busy",
  disk: "It cannot be read or unpacked on this disk. Look at free space and rights, then try again",
};

/** @param detail  of this archive; names from it only through `quotedName` */
export function refusal(why: ArchiveWhy, detail?: string): ArchiveRefusal {
  return { why, words: detail === undefined ? `${WHAT_TO_DO[why]}.` : `${WHAT_TO_DO[why]} (${detail}).` };
}

/** A name out of an archive in a sentence: bounded, and nothing in it acts on a terminal. */
export function quotedName(name: string | Uint8Array): string {
  const text = typeof name === "string" ? name : new TextDecoder().decode(name.subarray(0, 300));
  const cut = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return JSON.stringify(cut.replaceAll(/\p{C}/gu, "?"));
}

/** The same for those who speak in faults. */
export function archiveFault({ words }: ArchiveRefusal): Fault {
  return { kind: "refused", via: "depot", reason: words };
}
