/**
 * Lists of objects as they are asked for again and again: looked up, checked and encoded once, not once a device.
 */
import type { Fault } from "../core/fault.ts";
import { type Asked, createNames } from "./writer.ts";

export interface Question {
  readonly oids: readonly string[];
  readonly objects: readonly Asked[];
}

export const NO_OIDS: Fault = { kind: "garbled", via: "snmp", wanted: "object identifiers", detail: "in the request" };

export interface Questions {
  /**
   * @param last  what the same agent was asked before: most likely the same
   * @returns `undefined` where one of them is no object identifier
   */
  of(oids: readonly string[], last?: Question): Question | undefined;
}

/** Lists remembered beside those of the agents: about one for each kind of device, so that devices of a kind share theirs. */
const RECENT_MAX = 16;

export function createQuestions(): Questions {
  const nameOf = createNames();
  const recent: Question[] = [];
  return {
    of(oids, last) {
      if (last !== undefined && isOf(last, oids)) return last;
      const known = recent.find((one) => isOf(one, oids));
      if (known !== undefined) return known;
      const objects = oids.map(nameOf);
      if (!objects.every((one) => one !== undefined)) return undefined;
      const question: Question = { oids: [...oids], objects };
      if (recent.unshift(question) > RECENT_MAX) recent.pop();
      return question;
    },
  };
}

function isOf(question: Question, oids: readonly string[]): boolean {
  if (question.oids.length !== oids.length) return false;
  for (let i = 0; i < oids.length; i++) if (question.oids[i] !== oids[i]) return false;
  return true;
}
