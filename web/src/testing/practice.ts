/** A practice conversation on the small script: reached, a question, the check, an appointment. */

import type { PracticeScenario } from "../api/types";

const both = (nl: string): { nl: string; en: string } => ({ nl, en: `${nl} (en)` });

export function scenario(more: Partial<PracticeScenario> = {}): PracticeScenario {
  return {
    code: "help", title: both("Wil hulp"), brief: both("Neemt op."), verifies: true, outcomes: ["HELP_WANTED"], flags: [], crisis_desk: false, slot: null, wish: null,
    note: false, ending: "hang_up", points: ["identity", "answers", "replies", "ending", "outcome", "note"],
    resident: { salutation: "mevrouw", name: "Zonneveld", kind: "mobile", birth_date: "1968-03-14", postcode: "2712AB", house_number: "14", arrears: "rent" },
    lines: [
      { at: "O1", says: both("Ja"), fits: [1] },
      { at: "O2", says: both("Vraag maar"), fits: [1] },
      { at: "I1", says: both("14 maart 1968"), fits: [] },
      { at: "V1", says: both("Moeilijk"), fits: [1] },
      { at: "A1", says: both("Graag"), fits: [1] },
      { at: "K1", says: both("Vier"), fits: [4] },
    ],
    questions: [
      {
        at: "O2", says: both("Waarover?"),
        replies: [
          { says: both("Over uw huur"), right: false, tells: true, why: both("Te vroeg") },
          { says: both("Eerst de controle"), right: true, tells: false, why: { nl: "", en: "" } },
        ],
      },
    ],
    ...more,
  };
}
