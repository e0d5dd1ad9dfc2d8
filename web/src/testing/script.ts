/** A small script for tests: every kind of step and answer that the engine knows. */

import type { CallScript } from "../api/types";
import type { Answer, Known, Script, Step, Text } from "../domain/script";

function text(nl: string, en = ""): Text {
  return { nl, en };
}

function to(key: number, label: string, next: string | null, more: Partial<Answer> = {}): Answer {
  return { key, label: text(label), to: next, outcome: null, flag: null, files: null, when: [], ...more };
}

function step(id: string, answers: readonly Answer[], more: Partial<Step> = {}): Step {
  return { id, title: text(id), say: text(`${id}?`), hint: text(""), audience: "anyone", identity: "no", also: [], answers, ...more };
}

export const SCRIPT: Script = {
  starts: { out: "O1", in: "N1", call_back: "B1" },
  after_match: "V1",
  steps: [
    step("O1", [to(1, "Ja", "O2"), to(2, "Iemand anders", "T1")], { identity: "may", say: text("Dag {aanhef}", "Hello {aanhef}") }),
    step("O2", [to(1, "Ja", "I1"), to(2, "Nu niet", "L1"), to(3, "Spreekt Engels", "L1", { when: [{ fact: "language", is: ["en"] }] })], {
      identity: "may",
      also: [{ say: text("Wij belden al eens."), when: [{ fact: "attempt", is: ["again"] }] }],
    }),
    step("I1", [to(1, "Klopt niet", "I2")], { identity: "asks" }),
    step("I2", [to(1, "Klaar", null, { outcome: "NOT_VERIFIED" })], { identity: "may" }),
    step("V1", [
      to(1, "Moeilijk", "A1", { files: { name: "need", value: "allowances" } }),
      to(6, "Crisis", "A1", { flag: "CRISIS" }),
      to(7, "Huur", "A1", { when: [{ fact: "arrears", is: ["rent"] }] }),
      to(8, "Dringend", "A1", { when: [{ fact: "crisis", is: ["yes"] }] }),
    ], { audience: "resident" }),
    step("A1", [to(1, "Ja", "K1", { outcome: "HELP_WANTED" }), to(2, "Later", "L1")], { audience: "resident" }),
    step("K1", [to(4, "4", null, { files: { name: "kto", value: "4" } })], { audience: "resident" }),
    step("L1", [to(1, "Klaar", null, { outcome: "CALL_LATER" }), to(2, "Toch", "A1")]),
    step("T1", [to(1, "Klaar", null, { outcome: "THIRD_PARTY" })], { audience: "third_party" }),
    step("N1", [to(1, "Gevonden", "I1")], { identity: "may" }),
    step("B1", [to(1, "Gevonden", "I1"), to(2, "Iemand anders", null, { outcome: "THIRD_PARTY" })], { identity: "may" }),
  ],
};

export const SERVED: CallScript = {
  script: "019a0000-0000-7000-8000-0000000000f1", name: "Proef", shipped: false, version: "019a0000-0000-7000-8000-0000000000f2", number: 3,
  body: structuredClone(SCRIPT) as CallScript["body"],
};

/** What an agent knows in a call that was dialled, before the identity check. */
export function known(more: Partial<Known> = {}): Known {
  return { verified: false, opening: "out", language: "nl", attempt: "first", arrears: [], crisis: null, ...more };
}
