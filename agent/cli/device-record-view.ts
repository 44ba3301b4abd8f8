/**
 * What `device record` shows of a recording: files, sizes, what was replaced; never a value. Pure.
 */
import type { Prepared } from "../recording/folder.ts";
import { placeOf } from "../recording/format.ts";
import type { Kind } from "../recording/kinds.ts";
import { safeText } from "./output.ts";
import { counted, facts as rows, showBytes } from "./show.ts";

export interface RecordedShown extends Prepared {
  readonly folder: string;
  /** False for a dry run. */
  readonly written: boolean;
}

/** Of one, of several. */
const KIND_WORDS: Readonly<Record<Kind, readonly [one: string, many: string]>> = {
  secret: ["secret", "secrets"],
  mac: ["MAC address", "MAC addresses"],
  serial: ["serial number", "serial numbers"],
  address: ["IP address", "IP addresses"],
  fingerprint: ["fingerprint", "fingerprints"],
  host: ["host or domain", "hosts and domains"],
  user: ["user", "users"],
  number: ["phone number", "phone numbers"],
  contact: ["person", "persons"],
  name: ["device name", "device names"],
  ssid: ["wireless network", "wireless networks"],
  location: ["location", "locations"],
  organisation: ["organisation", "organisations"],
};

export function recordedText(shown: RecordedShown): {
  readonly schema: string;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
} {
  const { folder, written, files, replaced, recording } = shown;
  const { family, model, running } = recording.expected.facts;
  const sizes = [...files].map(([name, text]) => ({ name, bytes: Buffer.byteLength(text) }));
  const place = placeOf(recording.expected);
  const bytes = sizes.reduce((sum, file) => sum + file.bytes, 0);
  const what = [model ?? family ?? "a device nobody knows", running?.application].filter((part) => part !== undefined).join(" ");
  const head = `${written ? "Recorded" : "Would record"} ${what} in "${folder}": ${counted(files.size, "file")}, ${showBytes(bytes)}`;
  const counts = Object.entries(replaced).map(([kind, count]) => counted(count, ...KIND_WORDS[kind as Kind]));
  const lines = [
    safeText(head),
    rows(sizes.map(({ name, bytes: size }) => [name, showBytes(size)])).trimEnd(),
    `Replaced: ${counts.length === 0 ? "nothing" : counts.join(", ")}`,
    safeText(`As a fixture its name is fixtures/${place}`),
  ];
  return {
    schema: "groundswell.recorded/1",
    text: `${lines.join("\n")}\n`,
    body: {
      folder,
      written,
      place,
      ...(family === undefined ? {} : { family }),
      ...(model === undefined ? {} : { model }),
      ...(running === undefined ? {} : { running }),
      files: sizes,
      replaced,
    },
  };
}
