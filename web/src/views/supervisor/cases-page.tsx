import { type ReactElement, useEffect, useState } from "react";
import type { Case, CaseState } from "../../api/types";
import { dateTime, day } from "../../domain/dates";
import { CasesModel } from "../../state/office";
import { useApp, useWords } from "../../ui/app-context";
import { CheckChoice } from "../../ui/choices";
import { PagedTable } from "../../ui/data-table";
import { DateInput, type Option, SelectInput, TextInput } from "../../ui/fields";
import { Badge, Button, Link, PageHead, Panel, type Tone } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { useCampaigns } from "./use-campaigns";
import { useCatalogue } from "./use-outcomes";

const STATES: readonly CaseState[] = ["open", "held", "no_number", "reached", "not_reached", "closed", "withdrawn", "recalled", "merged"];

const TONES: Readonly<Record<CaseState, Tone>> = {
  open: "accent", held: "warn", no_number: "warn", reached: "good", not_reached: "plain", closed: "plain", withdrawn: "plain", recalled: "bad", merged: "plain",
};

export function CaseBadge({ state }: { readonly state: CaseState }): ReactElement {
  const { t } = useWords();
  return <Badge tone={TONES[state]}>{t(`case.state.${state}`)}</Badge>;
}

export function CasesPage(): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const campaigns = useCampaigns();
  const { label: outcome, all: outcomes } = useCatalogue();
  const model = useModel(() => new CasesModel(client));
  const pages = useStore(model.list);
  useEffect(() => void model.list.reload(), [model]);
  return (
    <>
      <PageHead title={t("cases.title")} />
      <div className="stack stack--wide">
        <Filter model={model} campaigns={campaigns.options} outcomes={outcomes} />
        <Panel>
          <p className="muted" role="status">
            {pages.data !== null && pages.data.length > 0 && t(pages.next === null ? "cases.count" : "cases.count.more", { count: pages.data.length })}
          </p>
          <PagedTable<Case>
            label={t("cases.title")}
            pages={pages}
            none={t("cases.none")}
            onRetry={() => void model.list.reload()}
            onMore={() => void model.list.more()}
            id={(row) => row.id}
            columns={[
              {
                head: t("cases.reference"),
                cell: (row) => (
                  <span className="row row--tight">
                    <span className="nowrap"><Link to={`/cases/${row.id}`}>{row.client_refs[0] ?? row.id.slice(-8)}</Link></span>
                    {row.client_refs.length > 1 && <span className="muted">+{row.client_refs.length - 1}</span>}
                    {row.crisis && <Badge tone="bad">{t("dossier.crisis")}</Badge>}
                  </span>
                ),
              },
              { head: t("cases.state"), cell: (row) => <CaseBadge state={row.state} /> },
              { head: t("cases.outcome"), cell: (row) => (row.outcome === null ? t("app.none") : outcome(row.outcome)) },
              { head: t("cases.attempts"), cell: (row) => row.attempts, align: "end" },
              { head: t("cases.next"), cell: (row) => (row.next_at === null ? t("app.none") : dateTime(row.next_at, locale)) },
              { head: t("cases.planEnds"), cell: (row) => day(row.plan_ends_at, locale) },
            ]}
          />
        </Panel>
      </div>
    </>
  );
}

interface FilterProps {
  readonly model: CasesModel;
  readonly campaigns: readonly Option[];
  readonly outcomes: readonly Option[];
}

function Filter({ model, campaigns, outcomes }: FilterProps): ReactElement {
  const { t } = useWords();
  const filter = useStore(model.filter);
  const [reference, setReference] = useState(filter.reference);
  const turned = filter.from !== "" && filter.until !== "" && filter.until < filter.from;
  const all = { id: "all", label: t("deliveries.campaign.all") };
  const anyState = { id: "all", label: t("cases.state.all") };
  return (
    <Panel label={t("cases.filter")}>
      <form
        className="filter"
        onSubmit={(event) => {
          event.preventDefault();
          model.narrow({ reference });
        }}
      >
        <SelectInput label={t("deliveries.campaign")} value={filter.campaign === "" ? "all" : filter.campaign} onChange={(id) => model.narrow({ campaign: id === "all" ? "" : id })} options={[all, ...campaigns]} />
        <SelectInput
          label={t("cases.state")}
          value={filter.state === "" ? "all" : filter.state}
          onChange={(state) => model.narrow({ state: state === "all" ? "" : (state as CaseState) })}
          options={[anyState, ...STATES.map((state) => ({ id: state, label: t(`case.state.${state}`) }))]}
        />
        <SelectInput
          label={t("cases.outcome")}
          value={filter.outcome === "" ? "all" : filter.outcome}
          onChange={(chosen) => model.narrow({ outcome: chosen === "all" ? "" : chosen })}
          options={[{ id: "all", label: t("cases.outcome.all") }, ...outcomes]}
        />
        <TextInput type="search" label={t("cases.reference")} value={reference} onChange={setReference} maxLength={80} placeholder={t("cases.reference.hint")} />
        <DateInput label={t("cases.from")} value={filter.from} onChange={(from) => model.narrow({ from })} />
        <DateInput label={t("cases.until")} value={filter.until} onChange={(until) => model.narrow({ until })} {...(turned ? { error: t("ddas.wrong.turned") } : {})} />
        <SelectInput
          label={t("cases.order")}
          value={filter.order}
          onChange={(order) => model.narrow({ order: order === "time_left" ? "time_left" : "newest" })}
          options={[
            { id: "newest", label: t("cases.order.newest") },
            { id: "time_left", label: t("cases.order.time_left") },
          ]}
        />
        <CheckChoice selected={filter.crisis} onChange={(crisis) => model.narrow({ crisis })}>
          {t("cases.crisis")}
        </CheckChoice>
        <CheckChoice selected={filter.missed} onChange={(missed) => model.narrow({ missed })}>
          {t("cases.missed")}
        </CheckChoice>
        <Button type="submit">{t("cases.search")}</Button>
      </form>
    </Panel>
  );
}
