import { type ReactElement, useEffect } from "react";
import type { CaseDetail, CaseWhy } from "../../api/types";
import { dateTime, day } from "../../domain/dates";
import { CaseModel } from "../../state/office";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { DataTable } from "../../ui/data-table";
import { DateInput, type Option, TimeInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, Fact, Facts, Notice, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { FollowUpPanel } from "../client/follow-up-panel";
import { QuestionPanel } from "../client/question-panel";
import { CaseComplaints } from "../quality/case-complaints";
import { RecordingPlayer } from "../quality/recording-player";
import { CaseBadge } from "./cases-page";
import { MergePanel } from "./merge-panel";
import { useCatalogue } from "./use-outcomes";
import { WhyPanel } from "./why-panel";

export function CasePage({ id }: { readonly id: string }): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const { label: outcome, choices } = useCatalogue();
  const model = useModel(() => new CaseModel(client, id));
  const { data, error } = useStore(model.detail);
  const why = useStore(model.why);
  const maySteer = useMay("case.steer");
  const mayMerge = useMay("case.merge");
  const mayFollowUp = useMay("follow_up");
  const mayComplain = useMay("complaint");
  const mayAsk = useMay("question");
  useEffect(() => void model.reload(), [model]);
  const back = { to: "/cases", text: t("case.back") };
  if (data === null)
    return (
      <>
        <PageHead title={t("cases.title")} back={back} />
        <ErrorNotice error={error} onRetry={() => void model.reload()} />
        {error === null && <Empty>{t("app.loading")}</Empty>}
      </>
    );
  const { case: file } = data;
  const open = file.state === "open" || file.state === "held" || file.state === "no_number";
  return (
    <>
      <PageHead title={t("case.title", { ref: file.client_refs[0] ?? file.id.slice(-8) })} back={back}>
        {file.crisis && <Badge tone="bad">{t("dossier.crisis")}</Badge>}
        <CaseBadge state={file.state} />
        {maySteer && file.state === "held" && <Steer model={model} what="release" />}
        {maySteer && file.state === "closed" && file.state_reason === "OPT_OUT" && <Steer model={model} what="liftOptOut" />}
        {maySteer && file.state === "withdrawn" && <Steer model={model} what="release" />}
        {maySteer && (open || file.state === "not_reached") && <Steer model={model} what="withdraw" />}
      </PageHead>
      <div className="page-grid">
        <div className="stack stack--wide">
          <Attempts model={model} detail={data} outcome={outcome} choices={choices} />
          {data.attempts
            .filter(({ recorded }) => recorded)
            .map((attempt) => (
              <RecordingPlayer key={attempt.id} attempt={attempt.id} about={t("recording.play.of", { at: dateTime(attempt.claimed_at, locale) })} />
            ))}
          <Panel title={t("case.signals")}>
            <ul className="lines">
              {data.signals.map((signal) => (
                <li key={signal.id} className="line">
                  <span>
                    <strong>{signal.client_ref}</strong> <span className="muted">{signal.signal_ref}</span>
                  </span>
                  <span className="row row--tight">
                    {signal.crisis && <Badge tone="bad">{t("dossier.crisis")}</Badge>}
                    {signal.merged && <Badge>{t("case.merged")}</Badge>}
                    {signal.merged && maySteer && (
                      <Ask
                        trigger={<Button size="small" look="quiet" aria-label={t("case.undoMerge.of", { ref: signal.signal_ref })}>{t("case.undoMerge")}</Button>}
                        title={t("case.undoMerge.of", { ref: signal.signal_ref })}
                        text={t("case.undoMerge.text")}
                        confirm={t("case.undoMerge")}
                        action={model.steering}
                        onConfirm={() => model.undoMerge(signal.id)}
                      />
                    )}
                    <span className="muted">{t("dossier.signalOn", { date: day(signal.signal_on, locale) })}</span>
                  </span>
                </li>
              ))}
            </ul>
          </Panel>
          {mayAsk && <QuestionPanel id={id} />}
          {mayComplain && <CaseComplaints id={id} />}
          <Then model={model} />
          {mayMerge && <MergePanel detail={data} onChanged={model.reload} />}
        </div>
        <div className="stack stack--wide">
          <Panel>
            <Facts>
              <Fact name={t("cases.outcome")}>{file.outcome === null ? t("app.none") : outcome(file.outcome)}</Fact>
              <Fact name={t("cases.next")}>{file.next_at === null ? t("app.none") : dateTime(file.next_at, locale)}</Fact>
              <Fact name={t("wrap.appointment")}>{file.appointment_at === null ? t("app.none") : dateTime(file.appointment_at, locale)}</Fact>
              <Fact name={t("cases.planEnds")}>{day(file.plan_ends_at, locale)}</Fact>
              <Fact name={t("cases.term")}>{day(file.term_ends_at, locale)}</Fact>
              <Fact name={t("card.language")}>{file.language.toUpperCase()}</Fact>
            </Facts>
          </Panel>
          {mayFollowUp && <FollowUpPanel id={id} version={`${file.state} ${file.outcome ?? ""} ${file.closed_at ?? ""}`} />}
          <WhyPanel title={t("case.why")} why={why} onReload={() => void model.why.reload()} />
          {why.data?.plan != null && <Plan title={t("case.plan")} plan={why.data.plan} />}
          <Phones model={model} detail={data} />
        </div>
      </div>
    </>
  );
}

/** Why the next attempt is then, on that number, with what chance. */
function Plan({ title, plan }: { readonly title: string; readonly plan: NonNullable<CaseWhy["plan"]> }): ReactElement {
  const [when, ...reasons] = plan.text;
  return (
    <Panel title={title}>
      <p>
        <strong>{when}</strong>
      </p>
      {reasons.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </Panel>
  );
}

/** Why he was, or was not, called at a past moment. */
function Then({ model }: { readonly model: CaseModel }): ReactElement {
  const { t, locale } = useWords();
  const { date, time, wrong } = useStore(model.moment);
  const { data, loading, error } = useStore(model.then);
  return (
    <Panel title={t("case.then")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void model.askThen();
        }}
      >
        <div className="row row--fields row--moment">
          <DateInput label={t("decisions.day")} value={date} onChange={(value) => model.moment.patch({ date: value })} />
          <TimeInput label={t("case.then.time")} value={time} onChange={(value) => model.moment.patch({ time: value })} />
          <Button type="submit" isDisabled={loading || date === "" || time === ""}>
            {t("case.then.ask")}
          </Button>
        </div>
        {wrong && (
          <Notice tone="bad" live="assertive">
            {t("case.then.wrong")}
          </Notice>
        )}
      </form>
      <ErrorNotice error={error} />
      {data !== null && error === null && (
        <div className="stack">
          <Notice tone="info" live="polite">
            {data.text}
            {data.until !== null && <span className="muted"> ({t("campaign.until", { at: dateTime(data.until, locale) })})</span>}
          </Notice>
          {data.plan !== null && (
            <>
              <p>
                <strong>{t("case.then.next", { at: dateTime(data.plan.at, locale) })}</strong>
              </p>
              {data.plan.text.map((sentence) => (
                <p key={sentence}>{sentence}</p>
              ))}
            </>
          )}
        </div>
      )}
    </Panel>
  );
}

function Steer({ model, what }: { readonly model: CaseModel; readonly what: "withdraw" | "release" | "liftOptOut" }): ReactElement {
  const { t } = useWords();
  const words = t(`case.${what}`);
  return (
    <Ask
      trigger={<Button look={what === "withdraw" ? "danger" : "primary"}>{words}</Button>}
      title={words}
      text={t(`case.${what}.text`)}
      confirm={words}
      action={model.steering}
      field={{ label: t("app.reason"), hint: t("app.reason.hint"), min: 3 }}
      onConfirm={model[what]}
    />
  );
}

interface AttemptsProps {
  readonly model: CaseModel;
  readonly detail: CaseDetail;
  readonly outcome: (code: string) => string;
  readonly choices: readonly Option[];
}

function Attempts({ model, detail, outcome, choices }: AttemptsProps): ReactElement {
  const { t, locale } = useWords();
  const mayRecode = useMay("outcome.recode");
  const position = (phone: string | null): string => {
    const found = detail.phones.find((candidate) => candidate.id === phone);
    return found === undefined ? t("app.none") : t("case.phone", { n: found.position });
  };
  return (
    <Panel title={t("case.attempts")}>
      {detail.attempts.length === 0 ? (
        <Empty>{t("case.attempts.none")}</Empty>
      ) : (
        <DataTable
          label={t("case.attempts")}
          rows={detail.attempts}
          id={(attempt) => attempt.id}
          columns={[
            { head: t("case.at"), cell: (attempt) => dateTime(attempt.claimed_at, locale) },
            { head: t("case.dayPart"), cell: (attempt) => t(`case.dayPart.${attempt.day_part}`) },
            { head: t("floor.direction"), cell: (attempt) => t(attempt.call_back ? "direction.call_back" : `direction.${attempt.direction}`) },
            { head: t("case.phones"), cell: (attempt) => position(attempt.phone) },
            {
              head: t("cases.outcome"),
              cell: (attempt) => (
                <span className="row row--tight">
                  <strong>{attempt.outcome === null ? t("app.none") : outcome(attempt.outcome)}</strong>
                  {attempt.merged && <Badge>{t("merge.attempt")}</Badge>}
                  {attempt.reached && <Badge tone="good">{t("case.reached")}</Badge>}
                  {attempt.abandoned && attempt.outcome !== "ABANDONED" && <Badge tone="bad">{t("case.abandoned")}</Badge>}
                </span>
              ),
            },
            { head: t("cases.attempts"), cell: (attempt) => (attempt.counted ? t("case.counted", { n: attempt.seq ?? 0 }) : t("case.notCounted")) },
            ...(mayRecode
              ? [
                  {
                    head: t("floor.action"),
                    cell: (attempt: CaseDetail["attempts"][number]) =>
                      // What an agent filed can be corrected; what the network said stands.
                      choices.some(({ id }) => id === attempt.outcome) && (
                        <Ask
                          trigger={<Button size="small" look="quiet" aria-label={t("case.recode.of", { at: dateTime(attempt.claimed_at, locale) })}>{t("case.recode")}</Button>}
                          title={t("case.recode.of", { at: dateTime(attempt.claimed_at, locale) })}
                          text={t("case.recode.text")}
                          confirm={t("case.recode")}
                          action={model.steering}
                          choice={{ label: t("case.recode.outcome"), options: choices.filter(({ id }) => id !== attempt.outcome) }}
                          field={{ label: t("app.reason"), hint: t("app.reason.hint"), min: 3 }}
                          onConfirm={(reason, chosen) => model.recode(attempt.id, chosen, reason)}
                        />
                      ),
                  },
                ]
              : []),
          ]}
        />
      )}
    </Panel>
  );
}

function Phones({ model, detail }: { readonly model: CaseModel; readonly detail: CaseDetail }): ReactElement {
  const { t } = useWords();
  const maySteer = useMay("case.steer");
  return (
    <Panel title={t("case.phones")}>
      <ul className="lines">
        {detail.phones.map((phone) => (
          <li key={phone.id} className="line">
            <span>
              {t("case.phone", { n: phone.position })} <span className="muted">({t(`card.kind.${phone.kind}`)})</span>
            </span>
            {phone.blocked && maySteer && (
              <Ask
                trigger={<Button size="small" look="quiet" aria-label={t("case.unblock.of", { n: phone.position })}>{t("case.unblock")}</Button>}
                title={t("case.unblock.of", { n: phone.position })}
                text={t("case.unblock.text")}
                confirm={t("case.unblock")}
                action={model.steering}
                field={{ label: t("app.reason"), hint: t("app.reason.hint"), min: 3 }}
                onConfirm={(reason) => model.unblock(phone.id, reason)}
              />
            )}
            {phone.blocked ? <Badge tone="bad">{t("case.phone.blocked")}</Badge> : <Badge tone={phone.state === "open" ? "good" : "plain"}>{t(`dossier.phone.${phone.state}`)}</Badge>}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
