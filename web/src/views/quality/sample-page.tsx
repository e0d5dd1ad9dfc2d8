import { type ReactElement, useEffect } from "react";
import type { Sample } from "../../api/types";
import { dateTime, duration } from "../../domain/dates";
import { reviewOf } from "../../domain/quality";
import { SampleModel } from "../../state/quality";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { Badge, Button, Empty, ErrorNotice, Fact, Facts, Link, Notice, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { type Outcomes, useCatalogue } from "../supervisor/use-outcomes";
import { RecordingPlayer } from "./recording-player";
import { ReviewForm } from "./review-form";
import { ReviewPanel } from "./review-panel";

/** One record of the sample: what happened, and what each side found. */
export function SamplePage({ id }: { readonly id: string }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new SampleModel(client, id));
  const { data, error } = useStore(model.sample);
  const acting = useStore(model.acting);
  const outcomes = useCatalogue();
  const ours = useMay("quality.manage");
  useEffect(() => void model.sample.reload(), [model]);
  const side = ours ? "office" : "client";
  return (
    <>
      <PageHead title={t("quality.record.title")} back={{ to: "/quality", text: t("quality.title") }} />
      <ErrorNotice error={error} onRetry={() => void model.sample.reload()} />
      {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
      {data !== null && (
        <div className="page-grid">
          <div className="stack stack--wide">
            <RecordPanel sample={data} outcomes={outcomes} />
            {data.record.recorded && <RecordingPlayer attempt={data.line.attempt} about={t("recording.play.sides")} />}
            <FilingsPanel sample={data} outcomes={outcomes} />
            {data.coaching !== null && <CoachingPanel model={model} coaching={data.coaching} />}
          </div>
          <div className="stack stack--wide">
            {reviewOf(data, side) === undefined ? (
              <ReviewForm model={model} sample={data} outcomes={outcomes} />
            ) : (
              <>
                <ErrorNotice error={acting.error} />
                {data.reviews.map((review) => (
                  <ReviewPanel key={review.side} review={review} mine={review.side === side} outcomes={outcomes}>
                    {review.correction === "proposed" && ours && review.wanted !== data.line.outcome_now && <TakeOver model={model} wanted={review.wanted ?? ""} outcomes={outcomes} />}
                  </ReviewPanel>
                ))}
                {data.reviews.length === 1 && <p className="muted">{t("quality.other.waits")}</p>}
              </>
            )}
          </div>
        </div>
      )}
    </>
  );
}

function RecordPanel({ sample, outcomes }: { readonly sample: Sample; readonly outcomes: Outcomes }): ReactElement {
  const { t, locale, code } = useWords();
  const { line, record } = sample;
  const answers = Object.entries(record.answers);
  return (
    <Panel title={t("quality.record")} aside={line.case !== null && <Link to={`/cases/${line.case}`}>{t("quality.case")}</Link>}>
      <Facts>
        <Fact name={t("cases.outcome")}>
          <strong>{outcomes.label(line.outcome_now ?? line.outcome)}</strong>
        </Fact>
        <Fact name={t("case.at")}>{dateTime(record.began_at, locale)}</Fact>
        <Fact name={t("floor.direction")}>{t(`direction.${record.direction}`)}</Fact>
        {line.agent_name !== "" && <Fact name={t("floor.agent")}>{line.agent_name}</Fact>}
        <Fact name={t("quality.talk")}>{record.talk_seconds === null ? t("app.none") : duration(record.talk_seconds)}</Fact>
        <Fact name={t("quality.verified")}>{t(record.verified === true ? "quality.yes" : "quality.no")}</Fact>
        {record.flags.length > 0 && <Fact name={t("quality.flags")}>{record.flags.map((flag) => code("wrap.flag", flag)).join(", ")}</Fact>}
        {answers.length > 0 && <Fact name={t("quality.answers")}>{answers.map(([, answer]) => answer).join(", ")}</Fact>}
        {record.note !== null && <Fact name={t("quality.note")}>{record.note}</Fact>}
      </Facts>
    </Panel>
  );
}

/** Every version of the outcome, with its reason. */
function FilingsPanel({ sample, outcomes }: { readonly sample: Sample; readonly outcomes: Outcomes }): ReactElement {
  const { t, locale } = useWords();
  return (
    <Panel title={t("quality.filings")}>
      <ol className="lines">
        {sample.record.filings.map((one) => (
          <li key={`${one.at} ${one.kind}`} className="line line--block">
            <span>
              {t(`quality.filing.${one.kind}`)}: <strong>{one.outcome === null ? t("app.none") : outcomes.label(one.outcome)}</strong>
            </span>
            <span className="muted">{[dateTime(one.at, locale), one.by, one.reason].filter((part) => part !== "").join(" · ")}</span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function CoachingPanel({ model, coaching }: { readonly model: SampleModel; readonly coaching: NonNullable<Sample["coaching"]> }): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  return (
    <Panel title={t("quality.coaching")} aside={<Badge tone={coaching.state === "answered" ? "accent" : "plain"}>{t(`quality.coaching.${coaching.state}`)}</Badge>}>
      <p>{coaching.text ?? t("quality.erased")}</p>
      {coaching.answer !== null && <Notice tone="info">{coaching.answer}</Notice>}
      {coaching.state === "answered" && (
        <div className="row row--end">
          <Button isDisabled={busy} onPress={() => void model.closeCoaching()}>
            {t("quality.coaching.close")}
          </Button>
        </div>
      )}
    </Panel>
  );
}

function TakeOver({ model, wanted, outcomes }: { readonly model: SampleModel; readonly wanted: string; readonly outcomes: Outcomes }): ReactElement {
  const { t } = useWords();
  return (
    <div className="row">
      <Ask
        trigger={<Button size="small">{t("quality.takeOver")}</Button>}
        title={t("quality.takeOver")}
        text={t("quality.takeOver.text", { outcome: outcomes.label(wanted) })}
        confirm={t("quality.takeOver")}
        look="primary"
        action={model.acting}
        field={{ label: t("app.reason"), hint: t("app.reason.hint"), min: 3 }}
        onConfirm={(reason) => model.recode(wanted, reason)}
      />
    </div>
  );
}
