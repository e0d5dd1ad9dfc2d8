import { type ReactElement, useEffect, useState } from "react";
import type { NextStep, OutcomeRule } from "../../api/types";
import { dateTime } from "../../domain/dates";
import { differences, stepsOf } from "../../domain/rules";
import { RulesModel } from "../../state/rules";
import { useApp, useMay, useWords, type Words } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { Toggle } from "../../ui/choices";
import { DataTable } from "../../ui/data-table";
import { Badge, Button, Empty, ErrorNotice, Notice, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { DryRun } from "./dry-run";
import { RuleEditor } from "./rule-editor";

const lower = (sentence: string): string => `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`;

function stepWords(t: Words["t"], step: NextStep): string {
  const [from = 0, to = 0] = step.minutes ?? [];
  const { pause_days: days = 0, times = 0, then, close_after_days: close = 0 } = step;
  const first =
    step.kind === "retry_after" || step.kind === "redial"
      ? t(`rules.words.${step.kind}`, { from, to })
      : step.kind === "pause"
        ? t(days === 1 ? "rules.words.pause.one" : "rules.words.pause", { days })
        : t(`rules.kind.${step.kind}`);
  const parts = [first];
  if (then !== undefined) parts.push(t("rules.words.times", { times, then: lower(t(`rules.kind.${then}`)) }));
  if (close > 0) parts.push(t(close === 1 ? "rules.words.close.one" : "rules.words.close", { days: close }));
  return parts.join("; ");
}

export function RulesPage({ id }: { readonly id: string }): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const model = useModel(() => new RulesModel(client, id));
  const { data, error } = useStore(model.rules);
  const { open } = useStore(model.draft);
  const mayWrite = useMay("outcome.write");
  useEffect(() => model.start(), [model]);
  const rule = data?.items.find(({ code }) => code === open);
  return (
    <>
      <PageHead title={t("rules.title")} back={{ to: `/campaigns/${id}`, text: t("settings.back") }} />
      <div className="stack stack--wide">
        <ErrorNotice error={error} />
        {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
        {data !== null && data.waiting > 0 && (
          <Notice live="polite">{t("rules.waiting", { count: new Intl.NumberFormat(locale).format(data.waiting) })}</Notice>
        )}
        {data !== null && (
          <div className="page-grid page-grid--wide-aside">
            <RuleTable model={model} rules={data.items} mayWrite={mayWrite} />
            <div className="stack stack--wide">
              {rule !== undefined && <RuleEditor key={rule.code} model={model} rule={rule} />}
              {mayWrite && <DraftPanel model={model} rules={data.items} />}
              <History model={model} rules={data.items} version={data.version} mayWrite={mayWrite} />
            </div>
          </div>
        )}
      </div>
    </>
  );
}

function RuleTable({ model, rules, mayWrite }: { readonly model: RulesModel; readonly rules: readonly OutcomeRule[]; readonly mayWrite: boolean }): ReactElement {
  const { t } = useWords();
  const { steps } = useStore(model.draft);
  const [only, setOnly] = useState(true);
  return (
    <Panel>
      <div className="row row--between">
        <p className="muted">{t("rules.intro")}</p>
        <Toggle selected={only} onChange={setOnly}>
          {t("rules.only")}
        </Toggle>
      </div>
      <DataTable
        label={t("rules.title")}
        rows={rules.filter(({ editable }) => editable || !only)}
        id={({ code }) => code}
        columns={[
          { head: t("rules.outcome"), cell: ({ label }) => <strong>{label}</strong> },
          {
            head: t("rules.step"),
            cell: ({ code, step }) => (
              <span className="stack stack--tight">
                <span>
                  {stepWords(t, steps[code] ?? step)} {steps[code] !== undefined && <Badge tone="accent">{t("rules.changed")}</Badge>}
                </span>
                {steps[code] !== undefined && <span className="muted">{t("rules.was", { step: lower(stepWords(t, step)) })}</span>}
              </span>
            ),
          },
          {
            head: t("floor.action"),
            cell: ({ code, label, editable }) =>
              editable && mayWrite ? (
                <Button size="small" aria-label={t("rules.edit.of", { label })} onPress={() => model.open(code)}>
                  {t("rules.edit")}
                </Button>
              ) : editable ? null : (
                <span className="muted">{t("rules.fixed")}</span>
              ),
          },
        ]}
      />
    </Panel>
  );
}

function DraftPanel({ model, rules }: { readonly model: RulesModel; readonly rules: readonly OutcomeRule[] }): ReactElement {
  const { t } = useWords();
  const { steps, tried, kept } = useStore(model.draft);
  const { busy, error } = useStore(model.acting);
  const changes = rules.filter(({ code }) => steps[code] !== undefined);
  return (
    <Panel title={t("rules.draft")} tone={changes.length > 0 ? "accent" : "plain"}>
      {kept && (
        <Notice tone="good" live="polite">
          {t("rules.kept")}
        </Notice>
      )}
      <ErrorNotice error={error} />
      {changes.length === 0 ? (
        !kept && <p className="muted">{t("rules.draft.none")}</p>
      ) : (
        <>
          <ul className="lines">
            {changes.map(({ code, label, step }) => (
              <li key={code} className="line line--block">
                <strong>{label}</strong>
                <span>{stepWords(t, steps[code] ?? step)}</span>
              </li>
            ))}
          </ul>
          {tried !== null && <DryRun tried={tried} />}
          <div className="row">
            <Button look={tried === null ? "primary" : "secondary"} isDisabled={busy} onPress={() => void model.tryOut()}>
              {t("settings.try")}
            </Button>
            {tried !== null && (
              <Ask
                trigger={<Button look="primary">{t("rules.keep")}</Button>}
                title={t("rules.keep")}
                text={t("rules.keep.text")}
                confirm={t("rules.keep")}
                action={model.acting}
                field={{ label: t("app.reason"), hint: t("rules.keep.hint"), min: 3 }}
                onConfirm={(note) => model.keep(note)}
              />
            )}
            <Button look="quiet" isDisabled={busy} onPress={model.discard}>
              {t("rules.discard")}
            </Button>
          </div>
        </>
      )}
    </Panel>
  );
}

interface HistoryProps {
  readonly model: RulesModel;
  readonly rules: readonly OutcomeRule[];
  readonly version: number;
  readonly mayWrite: boolean;
}

function History({ model, rules, version, mayWrite }: HistoryProps): ReactElement {
  const { t, locale } = useWords();
  const { data, error } = useStore(model.history);
  const label = (code: string): string => rules.find((rule) => rule.code === code)?.label ?? code;
  const now = stepsOf(rules);
  return (
    <Panel title={t("rules.history")}>
      <ErrorNotice error={error} />
      <ul className="lines">
        {data?.map((one, place) => {
          const before = data[place + 1];
          const changes = before === undefined ? [] : differences(before.steps, one.steps);
          return (
            <li key={one.version} className="line line--block">
              <span className="row row--between">
                <strong>{t("rules.version", { version: one.version })}</strong>
                {one.version === version ? (
                  <Badge tone="good">{t("rules.version.now")}</Badge>
                ) : (
                  mayWrite &&
                  differences(now, one.steps).length > 0 && (
                    <Button size="small" look="quiet" aria-label={`${t("rules.back")}: ${one.version}`} onPress={() => model.backTo(one)}>
                      {t("rules.back")}
                    </Button>
                  )
                )}
              </span>
              <span className="muted">
                {one.by === "" ? dateTime(one.at, locale) : t("rules.version.by", { at: dateTime(one.at, locale), by: one.by })}
                {one.note !== "" && `: ${one.note}`}
              </span>
              {before === undefined && <span>{t("rules.version.same")}</span>}
              {changes.map(({ code, before: was, after }) => (
                <span key={code}>
                  {label(code)}: {stepWords(t, after)} <span className="muted">({t("rules.was", { step: lower(stepWords(t, was)) })})</span>
                </span>
              ))}
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
