/**
 * What reads bytes of strangers, by protocol: valid samples to spoil, and the reader as our code calls it.
 */

import { parseStrictJson } from "../../agent/commands/strict-json.ts";
import { parseVersion } from "../../protocols/core/version.ts";
import { parseXml } from "../../protocols/core/xml.ts";
import { parseOption60 } from "../../protocols/dhcp/option60.ts";
import { decodeHomePage } from "../../protocols/families/phone-home.ts";
import { parseLog } from "../../protocols/families/phone-log.ts";
import { decodePolledCalls, decodePolledDevice, decodePolledNetwork } from "../../protocols/families/state-polling.ts";
import { decodeDeviceInfo, decodeEnvelope, decodePackets, decodeStats } from "../../protocols/families/uc-phone-answers.ts";
import { decodeConfig } from "../../protocols/families/uc-phone-config.ts";
import { decodeLines, decodeSipStatus } from "../../protocols/families/uc-phone-lines.ts";
import { decodeConnection, decodeManagedBy } from "../../protocols/families/uc-phone-network.ts";
import { decodeCalls, decodePollState, decodeSessionStats } from "../../protocols/families/uc-phone-use.ts";
import { parseUserAgent } from "../../protocols/families/user-agent.ts";
import {
  decodeConferences,
  decodeDeviceMode,
  decodeMode,
  decodeParts,
  decodeStatus,
  decodeSystem,
  managedByConfig,
} from "../../protocols/families/video-answers.ts";
import { digestAuthorization, parseChallenges, strongest } from "../../protocols/http/digest.ts";
import { readAnswer as readLensAnswer } from "../../protocols/lens/answer.ts";
import { ACCOUNTS, CALLS, DEVICES, RELEASES } from "../../protocols/lens/queries.ts";
import { parseLldpDescription } from "../../protocols/lldp/description.ts";
import { frameGuard } from "../../protocols/mqtt/frame-guard.ts";
import { readImageCatalogue } from "../../protocols/provisioning/image-catalogue.ts";
import { parseProvisionMessage } from "../../protocols/provisioning/provision-message.ts";
import { readRequest, runningOf } from "../../protocols/provisioning/request.ts";
import { createReader } from "../../protocols/shell/prompt.ts";
import { parseSipResponse, sipUserOf, viaParameter } from "../../protocols/sip/message.ts";
import { readOutside, refusalOf } from "../../protocols/snmp/guard.ts";
import { readNotice } from "../../protocols/snmp/notice.ts";
import { readSyslog } from "../../protocols/syslog/message.ts";
import { COLUMN, readAnswer, readColumn } from "../protocols/snmp/answer.ts";
import { community, octets, oid, report, usm, varbind } from "../protocols/snmp/messages.ts";
import { readClaims } from "./claims.ts";
import * as samples from "./samples.ts";
import { VIDEO_READERS } from "./video-answers.ts";

export interface Target {
  readonly samples: readonly Buffer[];
  /** Must not throw, whatever the bytes. */
  read(bytes: Buffer): unknown;
}

const texts = (...lines: readonly string[]): readonly Buffer[] => lines.map((line) => Buffer.from(line));
const ASKED = readOutside(community());

export const TARGETS: Readonly<Record<string, Target>> = {
  snmp: {
    samples: [
      community(),
      community({ varbinds: COLUMN.map((name, i) => varbind(name, octets(`port ${i}`))) }),
      community({ varbinds: [varbind("1.3.6.1.2.1.1.2.0", oid("1.3.6.1.4.1.13885.101.1"))] }, 0),
      usm({}, { flags: 3, digest: Buffer.alloc(12, 7), salt: Buffer.alloc(8, 9), secret: Buffer.alloc(64, 5) }),
      usm(),
      report(4),
    ],
    read(bytes) {
      const outside = readOutside(bytes);
      // The hot path has a reader of its own, and takes its packets apart in place.
      readAnswer(Buffer.from(bytes));
      readColumn(Buffer.from(bytes));
      return outside.ok && ASKED.ok ? refusalOf(ASKED.value, outside.value) : outside;
    },
  },
  traps: {
    samples: [
      samples.TRAP_V1,
      community({ tag: 0xa7 }),
      community({ tag: 0xa6 }),
      community({ tag: 0xa6, varbinds: [] }),
      usm({ tag: 0xa7 }),
    ],
    read: readNotice,
  },
  syslog: {
    samples: texts(samples.SYSLOG_3164, samples.SYSLOG_5424, "<0>x", "<191>1 - - - - - -"),
    read: readSyslog,
  },
  sip: {
    samples: texts(samples.SIP_OK, samples.SIP_CHALLENGE),
    read(bytes) {
      const response = parseSipResponse(bytes);
      const first = (name: string): string => response?.headers.get(name)?.[0] ?? "";
      const challenge = strongest(parseChallenges(first("www-authenticate")));
      return [sipUserOf(first("contact")), viaParameter(first("via"), "branch"), parseUserAgent(first("user-agent")), challenge];
    },
  },
  http: {
    samples: texts(...samples.CHALLENGES),
    read(bytes) {
      const challenge = strongest(parseChallenges(bytes.toString("latin1")));
      if (challenge === undefined || challenge.scheme === "basic") return challenge;
      return digestAuthorization(challenge, {
        user: "Polycom",
        password: "secret",
        method: "GET",
        uri: "/api/v1/mgmt",
        cnonce: "0a4f113b",
        count: 1,
      });
    },
  },
  rest: {
    samples: texts(...samples.PHONE_ANSWERS),
    read(bytes) {
      const envelope = decodeEnvelope(bytes);
      if (!envelope.ok) return envelope;
      const { data } = envelope.value;
      return [
        decodeDeviceInfo,
        decodeCalls,
        decodePollState,
        decodeManagedBy,
        decodeStats,
        decodePackets,
        decodeSipStatus,
        decodeConnection,
        decodeConfig,
        decodeSessionStats,
        (one: unknown) => decodeLines(one, "VVX 411"),
      ].map((decode) => decode(data));
    },
  },
  video: {
    samples: texts(...samples.VIDEO_ANSWERS),
    read: (bytes) =>
      [decodeSystem, decodeConferences, decodeMode, decodeDeviceMode, decodeStatus, decodeParts, managedByConfig, ...VIDEO_READERS].map(
        (decode) => decode(bytes),
      ),
  },
  ssh: {
    samples: texts(samples.TRANSCRIPT),
    read(bytes) {
      const reader = createReader("callinfo all", {
        line: /^(?:callinfo:.*|system is not in a call)$/,
        until: /(?:\bcallinfo end|^system is not in a call)$/,
      });
      for (let from = 0; from < bytes.length; from += 97) reader.feed(bytes.toString("utf8", from, from + 97));
      return reader.feed("");
    },
  },
  texts: {
    samples: texts(...samples.DEVICE_TEXTS),
    read(bytes) {
      const text = bytes.toString("latin1");
      return [parseUserAgent, parseLldpDescription, parseOption60, parseVersion].map((parse) => parse(text));
    },
  },
  xml: {
    samples: texts(...samples.XML),
    read: (bytes) => [
      parseXml(bytes.toString("utf8"), "http"),
      ...[decodePolledCalls, decodePolledDevice, decodePolledNetwork].map((decode) => decode(bytes)),
    ],
  },
  pages: {
    samples: texts(...samples.PHONE_PAGES),
    read: (bytes) => [decodeHomePage(bytes, "https"), parseLog(bytes.toString("utf8"))],
  },
  catalogue: { samples: texts(...samples.CATALOGUES), read: (bytes) => readImageCatalogue(bytes.toString("utf8"), "http") },
  lens: {
    samples: texts(...samples.LENS_ANSWERS),
    read(body) {
      const read = [200, 400].map((status) => readLensAnswer({ status, headers: new Map(), body }));
      return read.map((one) => (one.ok ? [DEVICES, ACCOUNTS, CALLS, RELEASES].map((query) => query.decode(one.value.data)) : one));
    },
  },
  provisioning: {
    samples: texts(...samples.REQUESTS),
    read(bytes) {
      const [target = "", userAgent, xDevice, forwardedFor] = bytes.toString("latin1").split("\n");
      return runningOf(readRequest({ method: "GET", target, userAgent, xDevice, forwardedFor, configFiles: ["common.cfg"] }));
    },
  },
  provisionMessage: {
    samples: texts(samples.PROVISION_MESSAGE),
    read: (bytes) => parseProvisionMessage(bytes.toString("utf8")),
  },
  mqtt: {
    samples: [Buffer.from(samples.MQTT, "hex")],
    read(bytes) {
      const guard = frameGuard(1_000);
      return [guard(bytes.subarray(0, 5)), guard(bytes.subarray(5))];
    },
  },
  commands: { samples: texts(...samples.CLAIMS), read: (bytes) => readClaims(parseStrictJson(bytes.toString("utf8"), 8_192)) },
};
