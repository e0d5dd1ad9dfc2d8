import { type ReactElement, useEffect } from "react";
import type { PastDecision, PastDecisions } from "../../api/types";
import { clockSeconds } from "../../domain/dates";
import { DecisionsModel, SPANS } from "../../state/decisions";
import { useApp, useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { DateInput, SelectInput, TimeInput } from "../../ui/fields";
import { Button, Empty, ErrorNotice, Fact, Facts, Notice, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

/** Why were so many calls started then? */
export function DecisionsPage({ id }: { readonly id: string }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new DecisionsModel(client, id));
  const { data, loading, error } = useStore(model.past);
  useEffect(() => void model.past.reload(), [model]);
  return (
    <>
      <PageHead title={t("decisions.title")} back={{ to: `/campaigns/${id}`, text: t("settings.back") }} />
      <div className="stack stack--wide" aria-busy={loading}>
        <p className="muted">{t("decisions.intro")}</p>
        <Moment model={model} />
        <ErrorNotice error={error} onRetry={() => void model.past.reload()} />
        {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
        {data !== null && error === null && <Found past={data} />}
      </div>
    </>
  );
}

function Moment({ model }: { readonly model: DecisionsModel }): ReactElement {
  const { t } = useWords();
  const { date, time, minutes, wrong } = useStore(model.form);
  return (
    <Panel label={t("decisions.title")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void model.show();
        }}
      >
        <div className="filter">
          <DateInput label={t("decisions.day")} value={date} onChange={(value) => model.edit({ date: value })} />
          <TimeInput label={t("decisions.time")} value={time} onChange={(value) => model.edit({ time: value })} />
          <SelectInput
            label={t("decisions.minutes")}
            value={String(minutes)}
            onChange={(value) => model.edit({ minutes: Number(value) })}
            options={SPANS.map((count) => ({ id: String(count), label: count === 1 ? t("decisions.minutes.one") : t("decisions.minutes.many", { count }) }))}
          />
          <Button type="submit">{t("decisions.show")}</Button>
        </div>
        {wrong && (
          <Notice tone="bad" live="assertive">
            {t("decisions.wrong")}
          </Notice>
        )}
      </form>
    </Panel>
  );
}

function Found({ past }: { readonly past: PastDecisions }): ReactElement {
  const { t } = useWords();
  if (!past.kept) return <Notice tone="warn">{t("decisions.notKept")}</Notice>;
  if (past.decisions === 0) return <Empty>{t("decisions.none")}</Empty>;
  return (
    <>
      <div className="page-grid page-grid--even">
        <Sums past={past} />
        <div className="stack stack--wide">
          {past.settings.map((settings, place) => (
            <InForce key={`${place.toString()} ${settings.mode}`} settings={settings} />
          ))}
        </div>
      </div>
      <Panel title={t("decisions.list")}>
        <Steps items={past.items} />
        {past.more && <p className="muted">{t("decisions.more")}</p>}
      </Panel>
    </>
  );
}

function Sums({ past }: { readonly past: PastDecisions }): ReactElement {
  const { t, locale } = useWords();
  const number = new Intl.NumberFormat(locale);
  return (
    <Panel title={t("decisions.sum")}>
      <div className="stack" role="status">
        <Facts>
          <Fact name={t("decisions.started")}>{number.format(past.started)}</Fact>
          <Fact name={t("decisions.hungUp")}>{number.format(past.hung_up)}</Fact>
          <Fact name={t("decisions.looked")}>{number.format(past.decisions)}</Fact>
        </Facts>
        <h3>{t("decisions.held")}</h3>
        <ul className="lines">
          {past.held.map(({ code, text, decisions }) => (
            <li key={code} className="line">
              <span>{text}</span>
              <span className="muted">{t("decisions.times", { count: number.format(decisions) })}</span>
            </li>
          ))}
        </ul>
      </div>
    </Panel>
  );
}

function InForce({ settings }: { readonly settings: PastDecisions["settings"][number] }): ReactElement {
  const { t, code, locale } = useWords();
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const seconds = (count: number): string => t("decisions.seconds", { count: new Intl.NumberFormat(locale).format(count) });
  return (
    <Panel title={t("decisions.settings")}>
      <Facts>
        <Fact name={t("decisions.mode")}>{code("settings.mode", settings.mode)}</Fact>
        <Fact name={t("decisions.promise")}>{t("decisions.promise.hours", { share: percent.format(settings.abandoned_percent / 100), count: settings.abandoned_hours, seconds: new Intl.NumberFormat(locale).format(settings.person_within_seconds) })}</Fact>
        <Fact name={t("decisions.cuts")}>{t(settings.ring_cuts ? "decisions.cuts.yes" : "decisions.cuts.no")}</Fact>
        <Fact name={t("decisions.breath")}>{seconds(settings.breath_seconds)}</Fact>
        <Fact name={t("decisions.longBreath")}>{seconds(settings.long_breath_seconds)}</Fact>
        <Fact name={t("decisions.occupancy")}>{t("decisions.occupancy.hour", { share: percent.format(settings.occupancy_percent / 100) })}</Fact>
      </Facts>
    </Panel>
  );
}

function Steps({ items }: { readonly items: readonly PastDecision[] }): ReactElement {
  const { t, locale } = useWords();
  const number = new Intl.NumberFormat(locale);
  return (
    <DataTable<PastDecision>
      label={t("decisions.list")}
      rows={items}
      id={({ at, started, held, decisions }) => `${at} ${String(started)} ${held} ${String(decisions)}`}
      columns={[
        { head: t("decisions.at"), cell: ({ at }) => clockSeconds(at, locale) },
        { head: t("decisions.started"), align: "end", cell: ({ started }) => (started === 0 ? <span className="muted">0</span> : <strong>{number.format(started)}</strong>) },
        { head: t("decisions.hungUp"), align: "end", cell: ({ hung_up: cut }) => (cut === 0 ? <span className="muted">0</span> : <strong>{number.format(cut)}</strong>) },
        {
          head: t("decisions.why"),
          cell: ({ text, decisions, until }) => (
            <>
              {text}
              {decisions > 1 && <span className="muted"> ({t("decisions.row", { count: number.format(decisions), until: clockSeconds(until, locale) })})</span>}
            </>
          ),
        },
      ]}
    />
  );
}
