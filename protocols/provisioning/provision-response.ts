/**
 * What a RealPresence Group under dynamic management is answered: that all is well, and when to ask again. No setting of the
 * room and no software is named. Source: protocols/provisioning.md 11 (HL727/Meeting).
 */
import { DAY, HOUR, MINUTE, type Ms, SECOND } from "../core/time.ts";

/** As the recorded answer has them. */
const INTERVALS: readonly (readonly [name: string, lengthMs: Ms])[] = [
  ["softwareUpdateCheckInterval", DAY],
  ["profileUpdateCheckInterval", 15 * MINUTE],
  ["heartbeatPostInterval", HOUR],
];

/** `PT900S`: the recorded form, seconds alone. */
export function isoSeconds(lengthMs: Ms): string {
  return `PT${Math.round(lengthMs / SECOND)}S`;
}

/**
 * The elements stand in no namespace; the root declares one by a prefix it does not use, as recorded. The maintenance window is
 * stated as closed: how one is opened is not on record.
 */
export function renderProvisionResponse(): string {
  const intervals = INTERVALS.map(([name, lengthMs]) => `        <${name}>${isoSeconds(lengthMs)}</${name}>`);
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<ProvisionResponseMessage xmlns:ns2="http://polycom.com/polaris">
  <protocolVersion>1.0</protocolVersion>
  <status>OK</status>
  <provItems>
    <provItemsVersion>1.0</provItemsVersion>
    <CONFIG>
      <generalConfig>
${intervals.join("\n")}
        <maintWindow>
          <maintWindowEnabled>FALSE</maintWindowEnabled>
        </maintWindow>
      </generalConfig>
    </CONFIG>
  </provItems>
</ProvisionResponseMessage>
`;
}
