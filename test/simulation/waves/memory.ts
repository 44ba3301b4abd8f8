/** Stores of stories: as those of rehearsals, with what is read over and over remembered. */
import { storeShelf as plainShelf, type StoreShelf } from "../../../agent/rehearsal/shelf.ts";
import { remembered } from "./remembered.ts";

export function storeShelf(): StoreShelf {
  const shelf = plainShelf();
  return {
    close: shelf.close,
    open(nowMs) {
      const store = shelf.open(nowMs);
      return { ...remembered(store), remove: store.remove };
    },
  };
}
