import type { ReactElement } from "react";
import { heard, type Question } from "../../domain/practice";
import type { PracticeTalk } from "../../state/practice";
import { useWords } from "../../ui/app-context";
import { Button, Notice } from "../../ui/parts";
import { useKeys } from "../../ui/use-keys";
import { useStore } from "../../ui/use-store";

const KEYS = ["x", "y", "z"] as const;

/** The resident's side: what the agent would hear, and what he can say to a question. */
export function ResidentPanel({ talk }: { readonly talk: PracticeTalk }): ReactElement {
  const { t, language } = useWords();
  const { agent } = useStore(talk.hub);
  return (
    <section className="practice-resident" aria-label={t("practice.resident")}>
      <h2 className="practice-resident__who">{t("practice.resident")}</h2>
      <div aria-live="polite">
        {agent?.state === "talking" ? <Said talk={talk} /> : <p className="practice-resident__note">{agent?.state === "wrap_up" ? t("practice.over") : `${t("practice.rings")} ${talk.scenario.brief[language]}`}</p>}
      </div>
    </section>
  );
}

function Said({ talk }: { readonly talk: PracticeTalk }): ReactElement | null {
  const { t, language } = useWords();
  const { run, replies } = useStore(talk);
  if (run === null) return null;
  const now = heard(talk.scenario, run, replies);
  switch (now.kind) {
    case "question":
      return <Asked talk={talk} question={now.question} />;
    case "line":
      return (
        <>
          {now.wrong !== null && <Notice tone="warn">{t("practice.wrong", { why: now.wrong.why[language] })}</Notice>}
          <p className="practice-resident__says">{quoted(now.says[language])}</p>
        </>
      );
    case "astray":
      return (
        <p className="practice-resident__note">
          {t("practice.astray")} {t("practice.astray.hint")}
        </p>
      );
    case "farewell":
      return (
        <>
          <p className="practice-resident__says">{t("practice.farewell")}</p>
          <p className="practice-resident__note">{t("practice.farewell.hint")}</p>
        </>
      );
  }
}

function Asked({ talk, question }: { readonly talk: PracticeTalk; readonly question: Question }): ReactElement {
  const { t, language } = useWords();
  useKeys((key) => {
    const place = KEYS.findIndex((known) => known === key);
    if (place < 0 || place >= question.replies.length) return false;
    talk.reply(question.at, place);
    return true;
  });
  return (
    <>
      <p className="practice-resident__says">{quoted(question.says[language])}</p>
      <p className="practice-resident__note">{t("practice.replies")}</p>
      <div className="practice-resident__replies">
        {question.replies.map((reply, place) => (
          <Button key={place} hotkey={(KEYS[place] ?? "").toUpperCase()} onPress={() => talk.reply(question.at, place)}>
            {reply.says[language]}
          </Button>
        ))}
      </div>
    </>
  );
}

/** What is quoted already (an announcement) stays as it is. */
function quoted(text: string): string {
  return text.startsWith("“") ? text : `“${text}”`;
}
