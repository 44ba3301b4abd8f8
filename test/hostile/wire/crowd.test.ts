/** 95 honest devices and 5 hostile ones through one client: who is honest never suffers for who is not. */
import { expect, onTestFinished, test } from "vitest";
import { seededRandom } from "../../../protocols/core/random.ts";
import { systemClock } from "../../../protocols/core/time.ts";
import { createHttpClient } from "../../../protocols/http/client.ts";
import { createSnmpClient } from "../../../protocols/snmp/client.ts";
import { createSshClient } from "../../../protocols/ssh/client.ts";
import { answering } from "./http.ts";
import { PLAIN, SCRIPTS } from "./http-scripts.ts";
import { endingOf } from "./run.ts";
import { answerTo, NAMES, WAYS, type Way } from "./snmp.ts";
import { honestStory, type Story, tell } from "./spoil.ts";
import { FINGERPRINT, login, openSshPeer, ssh } from "./ssh.ts";
import { openTcp } from "./tcp.ts";
import { CALLS } from "./telnet.ts";
import { openUdp } from "./udp.ts";

const DEVICES = 100;
/** Every twentieth is hostile. */
const hostileAt = (index: number): boolean => index % 20 === 7;
const ASKS = 4;
/** A hostile device is left alone after it. */
const HOSTILE_MS = 1_500;

interface Device {
  ask(signal: AbortSignal): Promise<string>;
  begin(story: Story): void;
  close(): Promise<void>;
}

const addressAt = (index: number): string => `127.42.0.${index + 1}`;

/** How the asks of all honest devices ended; hostile ones only have to end. */
async function crowd(
  openDevice: (address: string, index: number) => Promise<Device>,
  shape = { messages: 4, contents: 0 },
): Promise<string[]> {
  const devices = await Promise.all(Array.from({ length: DEVICES }, (_, index) => openDevice(addressAt(index), index)));
  onTestFinished(async () => void (await Promise.all(devices.map((device) => device.close()))));
  const never = new AbortController().signal;
  const endings = await Promise.all(
    devices.map(async (device, index) => {
      const ended: string[] = [];
      for (let round = 0; round < ASKS; round++) {
        const seed = index * 1_000 + round;
        device.begin(hostileAt(index) ? tell(seed, shape) : honestStory(seed));
        ended.push(await device.ask(hostileAt(index) ? AbortSignal.timeout(HOSTILE_MS) : never));
      }
      return ended;
    }),
  );
  expect(endings.flat()).toHaveLength(DEVICES * ASKS);
  return endings.flatMap((ended, index) => (hostileAt(index) ? [] : ended));
}

const allWell = Array.from({ length: 95 * ASKS }, () => "ok");

test("SnmpClient: 95 honest devices are read while 5 hostile ones answer", async () => {
  const client = createSnmpClient({ clock: systemClock(), random: seededRandom(3) });
  onTestFinished(() => client.close());
  const openDevice = async (address: string, index: number): Promise<Device> => {
    const way = WAYS[index % WAYS.length] as Way;
    const peer = await openUdp((packet, story) => {
      try {
        return answerTo(packet, way, story);
      } catch {
        return undefined;
      }
    }, address);
    const target = { address, port: peer.port, access: way.access };
    return {
      begin(story) {
        peer.story = story;
      },
      async ask(signal) {
        const ending = endingOf(await client.get(target, NAMES.slice(0, 4), signal));
        await peer.hangUp();
        return ending;
      },
      close: peer.close,
    };
  };
  expect(await crowd(openDevice, { messages: 2, contents: 4 })).toEqual(allWell);
});

test("HttpClient: 95 honest devices are asked while 5 hostile ones answer", async () => {
  const client = createHttpClient({ random: seededRandom(3) });
  onTestFinished(() => client.close());
  const openDevice = async (address: string, index: number): Promise<Device> => {
    const odd = SCRIPTS[index % SCRIPTS.length] ?? PLAIN;
    const peer = await openTcp(answering(hostileAt(index) ? [odd, odd, odd, odd] : []), { host: address });
    return {
      begin(story) {
        peer.story = story;
      },
      async ask(signal) {
        const target = { address, port: peer.port, secure: false, trust: "any" } as const;
        return endingOf(await client.ask(target, { method: "GET", path: "/x" }, signal));
      },
      close: peer.close,
    };
  };
  expect(await crowd(openDevice)).toEqual(allWell);
});

test("SshClient: 95 honest devices are asked while 5 hostile ones answer", async () => {
  const client = createSshClient();
  onTestFinished(() => client.close());
  const openDevice = async (address: string): Promise<Device> => {
    const peer = await openSshPeer(address);
    const target = { address, port: peer.port, trust: "pin", hostFingerprint: FINGERPRINT, profile: "modern" } as const;
    return {
      begin(story) {
        peer.story = story;
      },
      ask: async (signal) => endingOf(await client.session(target, login, (shell) => shell.ask("callinfo all", CALLS), signal)),
      close: peer.close,
    };
  };
  expect(await crowd(openDevice, ssh.shape)).toEqual(allWell);
});
