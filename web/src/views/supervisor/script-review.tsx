import { type ReactElement, useEffect } from "react";
import { said, type Script, type Text } from "../../domain/script";
import { ScriptReview } from "../../state/script-review";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { Badge, Button, Empty, ErrorNotice, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { ScriptChanges } from "./script-changes";
import { ScriptTrial } from "./script-trial";
import { VersionList } from "./script-versions";
import { type Outcomes, useCatalogue } from "./use-outcomes";

/** The newest version to read and walk through, and for the client's own people: the decision. */
export function ScriptReviewPage({ id }: { readonly id: string }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const review = useModel(() => new ScriptReview(client, id));
  const { data, error } = useStore(review.newest);
  const versions = useStore(review.versions);
  const outcomes = useCatalogue();
  const mayApprove = useMay("script.approve");
  useEffect(() => void review.load(), [review]);
  const newest = versions.data?.[0];
  return (
    <>
      <PageHead title={data?.name ?? t("scripts.title")} back={{ to: "/scripts", text: t("script.edit.back") }} />
      <div className="stack stack--wide">
        <ErrorNotice error={versions.error ?? error} onRetry={() => void review.load()} />
        {versions.data === null && versions.error === null && <Empty>{t("app.loading")}</Empty>}
        {mayApprove && versions.data !== null && <Decision review={review} waiting={newest?.state === "waiting"} version={newest?.id ?? ""} number={newest?.number ?? 0} />}
        {data !== null && (
          <div className="page-grid">
            <div className="stack stack--wide">
              {(newest?.changes.length ?? 0) > 0 && (
                <Panel title={t("script.changes.before")}>
                  <ScriptChanges changes={newest?.changes ?? []} />
                </Panel>
              )}
              <ScriptReading script={data.body} outcomes={outcomes} />
            </div>
            <div className="stack stack--wide">
              <ScriptTrial key={data.version} script={data.body} outcomes={outcomes} />
              <Panel title={t("script.versions")}>
                <VersionList versions={versions.data ?? []} />
              </Panel>
            </div>
          </div>
        )}
      </div>
    </>
  );
}

interface DecisionProps {
  readonly review: ScriptReview;
  readonly waiting: boolean;
  readonly version: string;
  readonly number: number;
}

function Decision({ review, waiting, version, number }: DecisionProps): ReactElement {
  const { t } = useWords();
  const { busy, error } = useStore(review.deciding);
  return (
    <Panel title={t("script.review")} tone={waiting ? "accent" : "plain"}>
      <ErrorNotice error={error} />
      {!waiting ? (
        <p className="muted">{t("script.review.done")}</p>
      ) : (
        <>
          <p>{t("script.review.text", { version: number })}</p>
          <div className="row">
            <Button look="primary" icon="check" isDisabled={busy} onPress={() => void review.decide(version, "approved", "")}>
              {t("script.review.approve")}
            </Button>
            <Ask
              trigger={<Button isDisabled={busy}>{t("script.review.refuse")}</Button>}
              title={t("script.review.refuse")}
              text={t("script.review.refuse.text")}
              confirm={t("script.review.refuse")}
              action={review.deciding}
              field={{ label: t("app.reason"), hint: t("app.reason.hint"), min: 3 }}
              onConfirm={(note) => review.decide(version, "refused", note)}
            />
          </div>
        </>
      )}
    </Panel>
  );
}

/** Every step as text, in order. */
export function ScriptReading({ script, outcomes }: { readonly script: Script; readonly outcomes: Outcomes }): ReactElement {
  const { t, code } = useWords();
  return (
    <Panel title={t("script.reading")}>
      <ol className="lines">
        {script.steps.map((step) => (
          <li key={step.id} className="line line--block">
            <span className="row row--tight">
              <strong>
                {step.id} {step.title.nl}
              </strong>
              <Badge tone={step.audience === "resident" ? "accent" : "plain"}>{t(`script.audience.${step.audience}`)}</Badge>
            </span>
            <BothLanguages text={step.say} />
            {step.also.map((passage, place) => (
              <span key={place} className="stack stack--tight">
                <span className="muted">
                  {t("script.when")}: {passage.when.map(({ fact, is }) => `${code("script.fact", fact)}: ${is.map((value) => code("script.value", value)).join(", ")}`).join("; ")}
                </span>
                <BothLanguages text={passage.say} />
              </span>
            ))}
            {step.hint.nl !== "" && (
              <span className="muted">
                {t("script.hint")}: {step.hint.nl}
              </span>
            )}
            {step.answers.map((answer) => (
              <span key={answer.key} className="muted">
                {answer.key}. {said(answer.label, "nl")} → {answer.to === null ? t("script.reading.end") : t("script.reading.to", { to: answer.to })}
                {answer.outcome !== null && ` (${outcomes.label(answer.outcome)})`}
              </span>
            ))}
          </li>
        ))}
      </ol>
    </Panel>
  );
}

/** Whoever approves reads all that may be said. */
function BothLanguages({ text }: { readonly text: Text }): ReactElement {
  return (
    <>
      <span lang="nl">{text.nl}</span>
      {text.en !== "" && (
        <span lang="en" className="muted">
          {text.en}
        </span>
      )}
    </>
  );
}
