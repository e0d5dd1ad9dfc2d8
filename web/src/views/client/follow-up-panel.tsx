import { type ReactElement, useEffect } from "react";
import { dateTime } from "../../domain/dates";
import { mayUndo } from "../../domain/follow-up";
import { CaseFollowUpModel } from "../../state/follow-up";
import { useApp, useWords } from "../../ui/app-context";
import { Button, ErrorNotice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { MarkActions } from "./mark-actions";
import { useReason } from "./use-reason";

/** On a case's page: whose turn it is, and what the client's people said of it. `version`: the case as it is shown. */
export function FollowUpPanel({ id, version }: { readonly id: string; readonly version: string }): ReactElement | null {
  const { client } = useApp();
  const { t, locale } = useWords();
  const reason = useReason();
  const model = useModel(() => new CaseFollowUpModel(client, id));
  const { data, error } = useStore(model.shown);
  const acting = useStore(model.acting);
  useEffect(() => void model.shown.reload(), [model, version]);
  const now = client.now() * 1000;
  if (data === null && error === null) return null;
  if (data?.line === null && data.marks.length === 0) return null;
  return (
    <Panel title={t("follow.panel")}>
      <ErrorNotice error={error ?? acting.error} onRetry={() => void model.shown.reload()} />
      {data?.line != null && (
        <div className="row row--between">
          <span>
            <strong>{t(`follow.${data.line.list}`)}</strong> <span className="muted">{reason(data.line.reason)}</span>
          </span>
          {data.line.done_at === null && <MarkActions line={data.line} action={model.acting} now={now} onMark={(mark, text) => (data.line === null ? Promise.resolve(false) : model.mark(data.line, mark, text))} />}
        </div>
      )}
      {data !== null && data.marks.length > 0 && (
        <ul className="lines">
          {data.marks.map((mark, place) => (
            <li key={mark.id} className="line line--block">
              <div className="row row--between">
                <span>{mark.taken_back_at === null ? <strong>{t(`follow.mark.${mark.mark}`)}</strong> : <s>{t(`follow.mark.${mark.mark}`)}</s>}</span>
                {place === 0 && mark.taken_back_at === null && data.line !== null && mayUndo(data.line, now) && (
                  <Button size="small" look="quiet" isDisabled={acting.busy} onPress={() => void model.undo()}>
                    {t("follow.undo")}
                  </Button>
                )}
              </div>
              <span className="muted">{t("follow.by", { at: dateTime(mark.at, locale), name: mark.by === "" ? t("follow.system") : mark.by })}</span>
              {mark.taken_back_at !== null && <span className="muted">{t("follow.takenBack", { at: dateTime(mark.taken_back_at, locale), name: mark.taken_back_by })}</span>}
              {mark.reason !== "" && <p>{mark.reason}</p>}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
