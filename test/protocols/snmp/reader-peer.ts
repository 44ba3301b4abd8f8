/**
 * An answer as it was read before there was a reader of our own: by the guard, then by the library behind it.
 */
import * as library from "net-snmp";
import { readOutside, refusalOf } from "../../../protocols/snmp/guard.ts";
import { type SnmpRow, snmpValueOf } from "../../../protocols/snmp/values.ts";

export type Heard = readonly SnmpRow[] | { readonly status: number } | "no answer";

interface Varbind {
  readonly oid: string;
  readonly type: number;
  readonly value: unknown;
}

interface Inner {
  send(request: { readonly message: { readonly pdu: { id: number } } }, noWait?: boolean): void;
  cancelRequests(error: Error): void;
}

/** What a session of the library that asked `oids` with this id makes of a packet. */
export function heardByLibrary(packet: Buffer, oids: readonly string[], id: number): Heard {
  let hear: ((packet: Buffer, from: { address: string; port: number }) => void) | undefined;
  let asked: Buffer | undefined;
  const socket = {
    on(event: string, listener: typeof hear) {
      if (event === "message") hear = listener;
      return socket;
    },
    ref: () => undefined,
    unref: () => undefined,
    close: () => undefined,
    // It then notes the request before an answer can come.
    send(sent: Buffer, ...rest: readonly unknown[]) {
      asked = sent;
      const done = rest.at(-1);
      if (typeof done === "function") done(null, sent.length);
    },
  };
  const session = library.createSession("192.0.2.1", "public", {
    version: library.Version2c,
    dgramModule: { createSocket: () => socket },
    idBitsSize: 32,
  } as library.SessionOptions);
  session.on("error", () => undefined);
  const inner = session as unknown as Inner;
  const send = inner.send.bind(session);
  inner.send = (request, noWait) => {
    request.message.pdu.id = id;
    send(request, noWait);
  };
  let heard: Heard = "no answer";
  session.get([...oids], (error, varbinds) => {
    if (error instanceof library.RequestFailedError) heard = { status: (error as unknown as { status: number }).status };
    else if (error === null) heard = rowsOf(varbinds as unknown as readonly Varbind[]) ?? "no answer";
  });
  const outside = readOutside(packet);
  const question = asked === undefined ? undefined : readOutside(asked);
  if (question?.ok !== true) throw new Error("the library's question does not read");
  if (outside.ok && refusalOf(question.value, outside.value) === undefined) {
    try {
      hear?.(packet, { address: "192.0.2.1", port: 161 });
    } catch {
      // Its parser throws on what it did not expect: the client's lanes take that for no answer too.
    }
  }
  const found = heard;
  inner.cancelRequests(new Error("over"));
  return found;
}

function rowsOf(varbinds: readonly Varbind[]): readonly SnmpRow[] | undefined {
  const rows = varbinds.map(({ oid, type, value }) => ({ oid, value: snmpValueOf(type, value) }));
  return rows.every((row): row is SnmpRow => row.value !== undefined) ? rows : undefined;
}
