import { type ReactElement, useEffect, useState } from "react";
import type { QuestionState } from "../../api/types";
import { dateTime } from "../../domain/dates";
import { looksLikeBsn } from "../../domain/text";
import { ThreadModel } from "../../state/questions";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { LongTextInput } from "../../ui/fields";
import { Badge, Button, ErrorNotice, Panel, type Tone } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

const LONGEST = 2000;
const TONES: Readonly<Record<QuestionState, Tone>> = { open: "warn", answered: "accent", closed: "plain" };

export function QuestionBadge({ state }: { readonly state: QuestionState }): ReactElement {
  const { t } = useWords();
  return <Badge tone={TONES[state]}>{t(`questions.state.${state}`)}</Badge>;
}

/** The thread about one case: read, answered, closed. */
export function QuestionPanel({ id }: { readonly id: string }): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const ours = useMay("follow_up") ? "client" : "office";
  const model = useModel(() => new ThreadModel(client, id));
  const { data, error } = useStore(model.thread);
  const acting = useStore(model.acting);
  const [text, setText] = useState("");
  useEffect(() => void model.open(), [model]);
  const line = data?.line ?? null;
  const bsn = looksLikeBsn(text);
  const send = (): void => {
    void model.write(text).then((kept) => kept && setText(""));
  };
  return (
    <Panel title={t("questions.panel")} aside={line !== null && <QuestionBadge state={line.state} />}>
      <ErrorNotice error={error ?? acting.error} {...(error === null ? {} : { onRetry: () => void model.open() })} />
      {data !== null && line === null && <p className="muted">{t(ours === "client" ? "questions.none.client" : "questions.none.office")}</p>}
      {data !== null && data.messages.length > 0 && (
        <ol className="talk" aria-label={t("questions.panel")}>
          {data.messages.map((message) => (
            <li key={message.number} className={`talk__message ${message.side === ours ? "talk__message--ours" : ""}`}>
              <span className="muted">
                {message.by === "" ? t("questions.office") : message.by} · {dateTime(message.at, locale)}
              </span>
              <p>{message.text ?? t("questions.erased")}</p>
            </li>
          ))}
        </ol>
      )}
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== "" && !bsn) send();
        }}
      >
        <LongTextInput
          label={t(ours === "client" ? "questions.ask" : "questions.answer")}
          hint={t("wrap.note.hint")}
          value={text}
          onChange={(value) => {
            setText(value);
            model.retyped();
          }}
          error={bsn ? t("wrap.note.bsn") : undefined}
          rows={3}
          maxLength={LONGEST}
        />
        <div className="row row--end">
          {line !== null && line.state !== "closed" && (
            <Button look="quiet" isDisabled={acting.busy} onPress={() => void model.close()}>
              {t("questions.close")}
            </Button>
          )}
          <Button type="submit" look="primary" isDisabled={acting.busy || text.trim() === "" || bsn}>
            {t("questions.send")}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
