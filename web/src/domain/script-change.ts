/** Where two versions of a script differ, in words: the service names a place as `say.nl` or `answers.2.to`. */

import type { MessageKey, Params } from "../i18n";

/** Translates a code after a prefix, as the views do: `code("script.fact", "identity")`. */
type Code = (prefix: string, code: string) => string;
type Translate = (key: MessageKey, params?: Params) => string;

const ANSWER: Readonly<Record<string, MessageKey>> = {
  to: "script.answer.to",
  outcome: "script.answer.outcome",
  flag: "script.answer.crisis",
  files: "script.answer.files",
  when: "script.when",
};
const TEXTS: Readonly<Record<string, MessageKey>> = { title: "script.text.title", say: "script.text.say", hint: "script.text.hint" };
const PLAIN: Readonly<Record<string, MessageKey>> = {
  audience: "script.audience",
  identity: "script.identity",
  after_match: "script.after",
  order: "script.change.order",
};

/** The name of a place; one that is not known is shown as it came. */
export function placeWords(field: string, t: Translate, code: Code): string {
  const [head = "", second = "", third = "", fourth = ""] = field.split(".");
  const spoken = (label: string, language: string): string => (language === "en" ? t("script.text.en", { label }) : t("script.text.nl", { label }));
  const plain = PLAIN[head];
  if (plain !== undefined) return t(plain);
  const text = TEXTS[head];
  if (text !== undefined) return spoken(t(text), second);
  if (head === "starts") return code("script.starts", second);
  if (head === "also") return `${t("script.also")} ${second}: ${third === "when" ? t("script.when") : spoken(t("script.text.say"), third)}`;
  if (head === "answers") {
    const part = ANSWER[third];
    const what = third === "label" ? spoken(t("script.answer.label"), fourth) : part === undefined ? third : t(part);
    return `${t("script.answer", { key: second })}: ${what}`;
  }
  return field;
}

/** A value as it stands there: texts as they are, codes in words, "" for nothing. */
export function valueWords(field: string, value: string, t: Translate, code: Code): string {
  if (value === "") return t("script.change.empty");
  const last = field.slice(field.lastIndexOf(".") + 1);
  if (field === "audience" || field === "identity") return code(`script.${field}`, value);
  if (last === "to") return value === "end" ? t("script.answer.end") : value;
  if (last === "when") return value
      .split("; ")
      .map((one) => conditionWords(one, code))
      .join("; ");
  return value;
}

function conditionWords(condition: string, code: Code): string {
  const [fact = "", values = ""] = condition.split(": ");
  const said = values.split(", ").map((value) => code("script.value", value));
  return `${code("script.fact", fact)}: ${said.join(", ")}`;
}
