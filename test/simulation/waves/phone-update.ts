/** How a phone updates itself: asks the image server, takes the image piece by piece, flashes, restarts; with its habits. */
import { DAY, MINUTE, type Ms, SECOND } from "../../../protocols/core/time.ts";
import type { Offered } from "./depot.ts";
import { isNewer, OTHER } from "./fleet.ts";
import type { Phone } from "./phone-shape.ts";

const PIECES = 5;
/** It tries a broken transfer again so often. */
const TRIES = 4;
/** Longer than any story. */
const NEVER: Ms = 1_000 * DAY;

/** It asks for its files, and takes what is named there where it is not what it runs. */
export function beginUpdate(phone: Phone): void {
  const { state, drawn, io } = phone;
  if (!state.isUp || state.isGone || state.fetching || state.isSwapped || !io.isLinked()) return;
  const offered = io.depot.offerFor(drawn.mac);
  if (offered === undefined || offered.version === state.version || offered.version === refused.get(phone)) return;
  state.fetching = true;
  transfer(phone, offered, { piece: 0, tries: TRIES });
}

/** The version each phone has found its image of to be unfit; it does not take it twice. */
const refused = new WeakMap<Phone, string>();

function transfer(phone: Phone, offered: Offered, at: { piece: number; tries: number }): void {
  const { state, drawn, io, has } = phone;
  const { time, random, depot } = io;
  const { epoch } = state;
  const pieceMs: Ms = (8 + random.below(40)) * SECOND;
  const next = (): void => {
    if (state.epoch !== epoch) return;
    const breaksOff = has("dropsAfterBytes") && at.piece === 2 && random.next() < 0.6;
    if (breaksOff || !io.isLinked() || !depot.take(offered.token)) {
      again();
      return;
    }
    if (at.piece === 0) depot.began(offered.token);
    phone.seen.pieces++;
    io.tell({ kind: "bytes", device: drawn.device, token: offered.token, sha256: offered.sha256 });
    at.piece++;
    if (at.piece < PIECES) {
      time.after(pieceMs, next);
      return;
    }
    depot.delivered(offered.token);
    state.fetching = false;
    phone.whenIdle(() => flash(phone, offered));
  };
  const again = (): void => {
    at.tries--;
    if (at.tries > 0) time.after((20 + random.below(60)) * SECOND, next);
    else state.fetching = false;
  };
  time.after(SECOND + random.below(3_000), next);
}

function flash(phone: Phone, { version }: Offered): void {
  const { state, has, io } = phone;
  const { random } = io;
  const was = state.version;
  if (has("refusesImage")) {
    refused.set(phone, version);
    phone.goDown((60 + random.below(60)) * SECOND, "us", () => undefined);
    return;
  }
  const flashMs = (120 + random.below(180)) * SECOND;
  const late = has("returnsAfter") ? (20 + random.below(130)) * MINUTE : 0;
  phone.goDown(has("neverReturns") ? NEVER : flashMs + late, "us", () => {
    state.version = has("installsOtherBuild") && isNewer(OTHER, version) ? OTHER : version;
    if (has("losesRegistrationAfterUpdate")) state.willRegister = Math.max(0, phone.drawn.lines - 1 - random.below(2));
    if (has("dropsPanel")) state.lostPart = true;
    if (!has("reportsSuccessThenFallsBack")) return;
    const { epoch } = state;
    io.time.after((30 + random.below(400)) * SECOND, () => {
      if (state.epoch !== epoch) return;
      phone.whenIdle(() =>
        phone.goDown(90 * SECOND, "us", () => {
          refused.set(phone, version);
          state.version = was;
        }),
      );
    });
  });
}
