/** What devices do that they should not, by the names of the simulated site; each is on or off for a whole story and then drawn per device. */

export const HABITS = {
  acceptsAndIgnores: "says yes to the command and does nothing",
  reportsSuccessThenFallsBack: "comes up on the new version, and some minutes later is back on the old one",
  installsOtherBuild: "comes up on a build nobody planned",
  neverReturns: "goes down for the flash and stays down",
  returnsAfter: "comes back long after it should",
  answersTwice: "acts on one command twice",
  rebootsByChance: "restarts by itself, and asks for its files each time",
  callBetweenLookAndCommand: "somebody picks it up in the moment the command arrives",
  losesRegistrationAfterUpdate: "comes up with fewer lines registered",
  dropsPanel: "comes up without a part it had",
  dropsAfterBytes: "breaks off while it takes the image",
  slowLoris: "answers a look after a minute or two, if at all",
  garbage: "answers some looks with bytes that do not decode",
  flaps: "its link goes away and comes back, over and over",
  locksOut: "turns credentials away for a while",
  refusesImage: "takes the whole image, and restarts on what it had",
  refusesCommand: "turns the command down",
  losesAnswer: "obeys the command, and its answer is lost",
  isSwapped: "another device stands at its address, from some moment on",
  isRemoved: "is taken off the wall",
  isUpdatedByOthers: "somebody else brings it to another version",
  hidesUptime: "does not tell how long it is up",
} as const;

export type Habit = keyof typeof HABITS;
export const HABIT_NAMES = Object.keys(HABITS) as readonly Habit[];
