/** What the drive and the tickets talk to in one life: phones, image server, readings, desk; spoilt where the trouble says so. */

import type { Signs } from "../../../agent/campaigns/signs.ts";
import type { Log } from "../../../agent/log.ts";
import type { TicketConnector } from "../../../agent/tickets/connectors/connector.ts";
import { legAt } from "../../../firmware/waves/legs.ts";
import type { DriveIo, DriveStore } from "../../../firmware/waves/ports.ts";
import { fail, ok, type Result } from "../../../protocols/core/fault.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { MINUTE, SECOND } from "../../../protocols/core/time.ts";
import type { Look } from "../../../protocols/families/family.ts";
import type { Store } from "../../../store/store.ts";
import type { Ground } from "./ground.ts";
import type { Offered, Phone, Server } from "./phones.ts";
import { Killed, type Place, strikes } from "./trouble.ts";

export interface PortsIo {
  readonly rows: DriveStore;
  readonly devices: Pick<Store["devices"], "load" | "save">;
  readonly signs: Signs;
  readonly log: Log;
  readonly isDead: () => boolean;
  readonly die: () => never;
}

export interface Ports extends Pick<DriveIo, "devices" | "health" | "surroundings" | "backup"> {
  readonly desk: TicketConnector;
  readonly server: Server;
  /** Messages that come again, where the trouble is of that kind. */
  again(): void;
}

/** Longer than any ask of the threads may take. */
const HANGS_FOR = 40 * SECOND;
const UNKNOWN_TOKEN = "f".repeat(32);
const GONE = { kind: "unreachable", via: "https", detail: "no answer in time" } as const;

export function portsOf(ground: Ground, { rows, devices, signs, log, isDead, die }: PortsIo): Ports {
  const { site, hand } = ground;
  const offers = new Map<string, Offered>();
  const never = (): Promise<never> => new Promise(() => {});
  const phoneOf = (device: DeviceId): Phone => site.phones.get(device) as Phone;
  /** A version that is read is noted in the inventory at once. */
  const seen = (device: DeviceId, look: Look): Look => {
    const running = look.facts.running?.application;
    const row = devices.load(device);
    if (running !== undefined && row !== undefined && row.running !== running) devices.save({ ...row, running, updater: running });
    return look;
  };
  const later = (): Promise<void> => new Promise((resolve) => site.after(HANGS_FOR, resolve));
  /** A call of the drive; `timedOut` is what it hears where nothing answers. */
  const call = async <T>(device: DeviceId | undefined, act: () => T, timedOut: () => T): Promise<T> => {
    if (isDead()) return never();
    const spoilt = hand.armed && (hand.device === undefined || device === undefined || hand.device === device);
    const kind = spoilt ? hand.trouble?.kind : undefined;
    if (kind === "portError" || kind === "hang") hand.armed = false;
    const answer = act();
    if (kind === "portError") throw new Error("the port broke");
    if (kind === "hang") {
      await later();
      return isDead() ? never() : timedOut();
    }
    return answer;
  };
  const note = (kind: "started" | "delivered", token: string): void => {
    const event =
      kind === "started"
        ? { kind: "imageStarted" as const, token, address: "" }
        : { kind: "imageDelivered" as const, token, complete: true };
    signs.note(event, log);
  };
  const tell = (kind: "started" | "delivered", token: string): void => {
    if (isDead()) return;
    const place: Place = { point: `sign.${kind}` };
    ground.told.push({ token, kind });
    ground.points.add(place.point);
    try {
      if (strikes(hand, ["killBefore", "killInside"], place)) die();
      note(kind, token);
      if (strikes(hand, ["killAfter"], place)) die();
      if (strikes(hand, ["duplicate", "late"], place)) hand.armed = true;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  };
  return {
    server: {
      offerTo: (mac) => offers.get(mac),
      started: (token) => tell("started", token),
      delivered: (token) => tell("delivered", token),
    },
    devices: {
      look: (device) =>
        call(
          device,
          () => seen(device, site.look(phoneOf(device))),
          () => ({ facts: {}, inUse: { state: "unknown", reason: "no answer" }, faults: [GONE] }),
        ),
      trigger: ({ planned: { device } }) => {
        const lost = () => fail({ fault: GONE, certain: false });
        return call(device, () => (site.command(phoneOf(device)) ? ok({ said: "accepted" }) : lost()), lost);
      },
      whyRefused: (device) =>
        call<string | undefined>(
          device,
          () => "bad image",
          () => undefined,
        ),
      offer: ({ planned, attempt: { token, leg } }) =>
        call<Result<null>>(
          planned.device,
          () => {
            // As at the endpoint: in place of an older one to the same phone.
            offers.set(planned.mac, { token, version: legAt(planned, leg).to });
            return ok(null);
          },
          () => fail(GONE),
        ),
      async withdraw(tokens) {
        if (isDead()) return never();
        for (const [mac, { token }] of offers) if (tokens.includes(token)) offers.delete(mac);
      },
      pace: () => ({ reactMs: MINUTE, applyMs: 2 * MINUTE, verifyMs: 2 * MINUTE }),
    },
    backup: (device) =>
      call(
        device,
        () => undefined,
        () => undefined,
      ),
    health: (row, wave, tasks) => {
      const nowMs = site.nowMs();
      const mine = tasks.filter((task) => task.wave === wave && (task.state.at === "succeeded" || task.state.at === "soaking"));
      const evidence = {
        ...{ untouched: [], staleAfterMs: 5 * MINUTE },
        health: mine.map(({ device }) => ({
          ...{ device, model: row.plan.tasks.find((task) => task.device === device)?.model ?? "", landedAtMs: nowMs - MINUTE },
          before: { atMs: nowMs - 60 * MINUTE, reading: { registeredLines: phoneOf(device).row.lines.length } },
          after: { atMs: nowMs, reading: { registeredLines: phoneOf(device).registered } },
        })),
      };
      return call(
        undefined,
        () => evidence,
        () => ({ ...evidence, health: [] }),
      );
    },
    surroundings(_row, wave, tasks) {
      const landedAtMs = site.nowMs() - 30 * MINUTE;
      const calm = {
        site: { incidents: [], uplink: { used: 0, cap: 2_000_000 }, waveSinceMs: landedAtMs },
        use: tasks.filter((task) => task.wave === wave).map(({ device }) => ({ device, landedAtMs, calls: 1, daysInUse: 20 })),
      };
      return call(
        undefined,
        () => calm,
        () => calm,
      );
    },
    desk: {
      ...ground.desk.connector,
      async send(sent, signal) {
        if (isDead()) return never();
        const place: Place = { point: "desk.create" };
        const isCreate = sent.what === "create";
        if (isCreate) ground.points.add(place.point);
        if (isCreate && strikes(hand, ["killBefore", "killInside"], place)) die();
        if (isCreate && strikes(hand, ["hang"], place)) return { kind: "unknown", detail: "no answer, and it never arrived" };
        const answer = await ground.desk.connector.send(sent, signal);
        if (isDead()) return never();
        if (isCreate && strikes(hand, ["killAfter"], place)) die();
        if (isCreate && strikes(hand, ["portError"], place)) return { kind: "unknown", detail: "the answer was lost" };
        return answer;
      },
      find: (key, signal) => (isDead() ? never() : ground.desk.connector.find(key, signal)),
    },
    again() {
      const kind = hand.trouble?.kind;
      if (!hand.armed || (kind !== "duplicate" && kind !== "late")) return;
      hand.armed = false;
      for (const told of ground.told) {
        note(told.kind, told.token);
        note(told.kind, told.token);
      }
      for (const stranger of ["started", "delivered"] as const) note(stranger, UNKNOWN_TOKEN);
      const old = kind === "duplicate" ? ground.changes.slice(-1) : ground.changes.slice(0, -1);
      for (const { what, again } of old) if (again(rows)) ground.broken.push(`${what} was stored a second time`);
    },
  };
}
