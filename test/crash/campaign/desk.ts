/** A ticket desk that outlives the agent: what it has, it has, whatever became of the answer. */
import type { TicketCall, TicketConnector } from "../../../agent/tickets/connectors/connector.ts";
import { type Ms, SECOND } from "../../../protocols/core/time.ts";

export interface DeskTicket {
  readonly id: string;
  readonly key: TicketCall["key"];
  readonly bornAtMs: Ms;
  version: number;
  state: "open" | "closed";
}

export interface Desk {
  readonly tickets: readonly DeskTicket[];
  readonly connector: TicketConnector;
}

/** A ticket is found so long after it was made. */
const FIND_LAG_MS: Ms = 10 * SECOND;

export function createDesk(nowMs: () => Ms): Desk {
  const tickets: DeskTicket[] = [];
  return {
    tickets,
    connector: {
      ...{ id: "matrix", caps: { findLagMs: FIND_LAG_MS, callsPerMinute: 1_000 } },
      async send({ what, key, version, remoteId }) {
        const known = tickets.find(({ id }) => id === remoteId);
        if (what !== "create" && known !== undefined) {
          Object.assign(known, { version, state: what === "close" ? "closed" : "open" });
          return { kind: "done", id: known.id };
        }
        const id = `GS-${tickets.length + 1}`;
        tickets.push({ id, key, version, bornAtMs: nowMs(), state: "open" });
        return { kind: "done", id };
      },
      async find(wanted) {
        const seen = tickets.filter(({ key, bornAtMs }) => key === wanted && bornAtMs + FIND_LAG_MS <= nowMs());
        return { kind: "found", tickets: seen.map(({ id, key, version, state }) => ({ id, key, version, state })) };
      },
    },
  };
}
