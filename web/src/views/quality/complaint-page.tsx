import { type ReactElement, useEffect, useState } from "react";
import type { Complaint, ComplaintLine } from "../../api/types";
import { dateTime, day } from "../../domain/dates";
import { looksLikeBsn } from "../../domain/text";
import { ComplaintModel } from "../../state/complaints";
import { useApp, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { LongTextInput, SelectInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, Fact, Facts, Link, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

/** Somebody waits for an answer. */
export function isWaiting({ state }: Pick<ComplaintLine, "state">): boolean {
  return state === "received" || state === "in_hand" || state === "extended";
}

/** One complaint: what it is about, who has it in hand, and its answer. */
export function ComplaintPage({ id }: { readonly id: string }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new ComplaintModel(client, id));
  const { data, error } = useStore(model.complaint);
  const acting = useStore(model.acting);
  useEffect(() => void model.open(), [model]);
  return (
    <>
      <PageHead title={t("complaints.one")} back={{ to: "/quality/complaints", text: t("complaints.title") }} />
      <div className="stack stack--wide">
        <ErrorNotice error={error} onRetry={() => void model.open()} />
        <ErrorNotice error={acting.error} />
        {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
        {data !== null && (
          <>
            <Told complaint={data} />
            <Hand model={model} complaint={data} />
            <Steps complaint={data} />
          </>
        )}
      </div>
    </>
  );
}

function Told({ complaint }: { readonly complaint: Complaint }): ReactElement {
  const { t, locale } = useWords();
  const { line } = complaint;
  const erased = complaint.what === null && complaint.note === null;
  return (
    <Panel title={t("complaints.what")} aside={line.case !== null && <Link to={`/cases/${line.case}`}>{t("quality.case")}</Link>}>
      <p>{erased ? t("complaints.noText") : (complaint.what ?? complaint.note)}</p>
      <Facts>
        <Fact name={t("cases.state")}>{t(`complaints.state.${line.state}`)}</Fact>
        <Fact name={t("complaints.received")}>{dateTime(line.received_at, locale)}</Fact>
        <Fact name={t("complaints.due")}>
          {day(line.due_on, locale)} {complaint.overdue && <Badge tone="bad">{t("complaints.late")}</Badge>}
        </Fact>
        <Fact name={t("complaints.owner")}>{line.owner_name === "" ? t("complaints.nobody") : line.owner_name}</Fact>
        {complaint.answer !== null && <Fact name={t("complaints.answer")}>{complaint.answer}</Fact>}
      </Facts>
    </Panel>
  );
}

interface HandProps {
  readonly model: ComplaintModel;
  readonly complaint: Complaint;
}

/** What can be done now. */
function Hand({ model, complaint }: HandProps): ReactElement {
  const { t } = useWords();
  const { data: users } = useStore(model.users);
  const { busy } = useStore(model.acting);
  const { state, owner } = complaint.line;
  const [text, setText] = useState("");
  const bsn = looksLikeBsn(text);
  if (!isWaiting(complaint.line)) {
    return (
      <div className="row">
        <Reasoned model={model} step="reopen" />
      </div>
    );
  }
  return (
    <Panel title={t("complaints.hand")}>
      <SelectInput
        label={t("complaints.owner")}
        value={owner ?? ""}
        onChange={(chosen) => void model.move({ step: "assign", owner: chosen })}
        options={(users ?? []).map(({ id, display_name: name }) => ({ id, label: name }))}
        disabled={busy}
      />
      {state !== "received" && (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim() !== "" && !bsn) void model.move({ step: "answer", text: text.trim() });
          }}
        >
          <LongTextInput label={t("complaints.answer")} hint={t("complaints.answer.hint")} value={text} onChange={setText} error={bsn ? t("wrap.note.bsn") : undefined} />
          <div className="row row--end">
            <Button type="submit" look="primary" isDisabled={busy || text.trim() === "" || bsn}>
              {t("complaints.answer.do")}
            </Button>
          </div>
        </form>
      )}
      <div className="row">
        {state === "in_hand" && <Reasoned model={model} step="extend" />}
        <Reasoned model={model} step="withdraw" />
      </div>
    </Panel>
  );
}

function Reasoned({ model, step }: { readonly model: ComplaintModel; readonly step: "extend" | "withdraw" | "reopen" }): ReactElement {
  const { t } = useWords();
  return (
    <Ask
      trigger={<Button size="small">{t(`complaints.${step}`)}</Button>}
      title={t(`complaints.${step}`)}
      text={t(`complaints.${step}.text`)}
      confirm={t(`complaints.${step}`)}
      look="primary"
      action={model.acting}
      field={{ label: t("app.reason"), hint: t("app.reason.hint"), min: 3 }}
      onConfirm={(reason) => model.move({ step, text: reason.trim() })}
    />
  );
}

function Steps({ complaint }: { readonly complaint: Complaint }): ReactElement {
  const { t, locale } = useWords();
  return (
    <Panel title={t("complaints.steps")}>
      <ol className="lines">
        {complaint.steps.map((one) => (
          <li key={`${one.at} ${one.event}`} className="line line--block">
            <span>{t(`complaints.event.${one.event}`)}</span>
            <span className="muted">{[dateTime(one.at, locale), one.by, one.reason].filter((part) => part !== "").join(" · ")}</span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
