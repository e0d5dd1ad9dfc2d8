import { type ReactElement, useEffect, useState } from "react";
import { type ApiError, asApiError } from "../../api/errors";
import type { FollowUpLine, FollowUpList } from "../../api/types";
import { dateTime, day } from "../../domain/dates";
import { daysOf, LISTS, listPath, mayUndo, triesOf } from "../../domain/follow-up";
import { FollowUpModel } from "../../state/follow-up";
import { useApp, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { CheckChoice } from "../../ui/choices";
import { type Column, PagedTable } from "../../ui/data-table";
import { type Option, SelectInput, TextInput } from "../../ui/fields";
import { Badge, Button, ErrorNotice, Link, Notice, PageHead, Panel } from "../../ui/parts";
import { saveFile } from "../../ui/save-file";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { useCampaigns } from "../supervisor/use-campaigns";
import { MarkActions } from "./mark-actions";
import { useReason } from "./use-reason";

/** One of the three lists. */
export function FollowUpPage({ list }: { readonly list: FollowUpList }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new FollowUpModel(client, list));
  const campaigns = useCampaigns();
  const pages = useStore(model.list);
  const { error } = useStore(model.acting);
  const { done } = useStore(model.filter);
  const [failed, setFailed] = useState<ApiError | null>(null);
  const columns = useColumns(model, done, client.now() * 1000);
  useEffect(() => void model.list.reload(), [model]);
  const download = (format: "csv" | "xlsx"): void => {
    setFailed(null);
    model.file(format).then(
      (blob) => saveFile(blob, `${list.replace("_", "-")}.${format}`),
      (problem: unknown) => setFailed(asApiError(problem)),
    );
  };
  const count = pages.data?.length ?? 0;
  return (
    <>
      <PageHead title={t(`follow.${list}`)}>
        {(["csv", "xlsx"] as const).map((format) => (
          <Button key={format} icon="file" aria-label={t("follow.download", { format: format.toUpperCase() })} onPress={() => download(format)}>
            {format.toUpperCase()}
          </Button>
        ))}
      </PageHead>
      <div className="stack stack--wide">
        <nav className="nav nav--lists" aria-label={t("follow.lists")}>
          {LISTS.map((one) => (
            <Link key={one} to={listPath(one)} current={one === list}>
              {t(`follow.${one}`)}
            </Link>
          ))}
        </nav>
        <p className="muted">{t(`follow.${list}.intro`)}</p>
        <Filter model={model} campaigns={campaigns.options} list={list} />
        <ErrorNotice error={error ?? failed} />
        <Said model={model} />
        <Panel>
          <p className="muted" role="status">
            {count > 0 && t(pages.next === null ? (count === 1 ? "cases.count.one" : "cases.count") : "cases.count.more", { count })}
          </p>
          <PagedTable<FollowUpLine>
            label={t(`follow.${list}`)}
            pages={pages}
            none={t(done ? "follow.none.done" : `follow.none.${list}`)}
            onRetry={() => void model.list.reload()}
            onMore={() => void model.list.more()}
            id={(line) => line.case}
            columns={columns}
          />
        </Panel>
      </div>
    </>
  );
}

function useColumns(model: FollowUpModel, done: boolean, now: number): readonly Column<FollowUpLine>[] {
  const { t, locale } = useWords();
  const reason = useReason();
  const busy = useStore(model.acting).busy;
  const reference: Column<FollowUpLine> = {
    head: t("cases.reference"),
    cell: (line) => (
      <span className="row row--tight">
        <span className="nowrap"><Link to={`/cases/${line.case}`}>{line.client_refs[0] ?? line.case.slice(-8)}</Link></span>
        {line.client_refs.length > 1 && <span className="muted">+{line.client_refs.length - 1}</span>}
        {line.crisis && <Badge tone="bad">{t("dossier.crisis")}</Badge>}
        {line.unread > 0 && <Badge tone="accent">{t("questions.new")}</Badge>}
      </span>
    ),
  };
  const why: Column<FollowUpLine> = {
    head: t("follow.why"),
    cell: (line) => (
      <span className="stack stack--tight">
        <span>{reason(line.reason)}</span>
        {line.numbers_closed.length > 0 && <span className="muted">{t("follow.numbers", { why: [...new Set(line.numbers_closed.map(reason))].join(", ").toLocaleLowerCase(locale) })}</span>}
      </span>
    ),
  };
  const tried: Column<FollowUpLine> = {
    head: t("follow.tried"),
    cell: (line) => <Tried line={line} />,
  };
  const due: Column<FollowUpLine> = {
    head: t("cases.term"),
    cell: (line) => (
      <span className="row row--tight">
        {day(line.term_ends_at, locale)}
        {!done && Date.parse(line.term_ends_at) < now && <Badge tone="warn">{t("follow.over")}</Badge>}
      </span>
    ),
  };
  const meeting: Column<FollowUpLine> = {
    head: t("follow.at"),
    cell: (line) => (
      <span className="stack stack--tight">
        <strong>{dateTime(line.due_at, locale)}</strong>
        {line.place !== "" && <span className="muted">{line.place}</span>}
      </span>
    ),
  };
  const said: Column<FollowUpLine> = {
    head: t("follow.said"),
    cell: (line) => (
      <span className="row row--tight">
        {line.mark !== null && <span>{t(`follow.mark.${line.mark}`)}</span>}
        {line.marked_at !== null && <span className="muted">{t("follow.by", { at: dateTime(line.marked_at, locale), name: line.marked_by === "" ? t("follow.system") : line.marked_by })}</span>}
        {mayUndo(line, now) && (
          <Button size="small" look="quiet" isDisabled={busy} aria-label={`${t("follow.undo")}: ${line.client_refs[0] ?? ""}`} onPress={() => void model.undo(line.case)}>
            {t("follow.undo")}
          </Button>
        )}
      </span>
    ),
  };
  const act: Column<FollowUpLine> = {
    head: t("floor.action"),
    cell: (line) => (line.state === "held" ? <Held model={model} line={line} /> : <MarkActions line={line} action={model.acting} now={now} onMark={(mark, text) => model.mark(line, mark, text)} />),
  };
  const facts = model.which === "appointment" ? [meeting, why] : model.which === "to_visit" ? [why, tried, due] : [why, due];
  return [reference, ...facts, done ? said : act];
}

/** Days and parts of the day: who visits at another moment finds somebody. */
function Tried({ line }: { readonly line: FollowUpLine }): ReactElement {
  const { t, locale } = useWords();
  const tries = triesOf(line);
  if (line.tried.length === 0) return <span className="muted">{t("follow.tried.none")}</span>;
  return (
    <span className="stack stack--tight">
      <span>{(["ochtend", "middag", "avond"] as const).filter((part) => tries[part] > 0).map((part) => `${tries[part]}× ${t(`case.dayPart.${part}`).toLocaleLowerCase(locale)}`).join(", ")}</span>
      <span className="muted">
        {daysOf(line)
          .slice(-4)
          .map(({ at, part }) => `${new Intl.DateTimeFormat(locale, { timeZone: "Europe/Amsterdam", weekday: "short", day: "numeric", month: "numeric" }).format(new Date(at))} ${t(`case.dayPart.${part}`).toLocaleLowerCase(locale)}`)
          .join(" · ")}
      </span>
      {line.not_home > 0 && (
        <span>
          <Badge tone="warn">{t("follow.notHome", { count: line.not_home })}</Badge>
        </span>
      )}
    </span>
  );
}

function Held({ model, line }: { readonly model: FollowUpModel; readonly line: FollowUpLine }): ReactElement {
  const { t } = useWords();
  const ref = line.client_refs[0] ?? line.case.slice(-8);
  return (
    <span className="row row--tight">
      {(["release", "withdraw"] as const).map((what) => (
        <Ask
          key={what}
          trigger={
            <Button size="small" look={what === "withdraw" ? "quiet" : "secondary"} aria-label={`${t(`case.${what}`)}: ${ref}`}>
              {t(`case.${what}`)}
            </Button>
          }
          title={`${t(`case.${what}`)}: ${ref}`}
          text={t(`case.${what}.text`)}
          confirm={t(`case.${what}`)}
          look={what === "withdraw" ? "danger" : "primary"}
          action={model.acting}
          field={{ label: t("app.reason"), hint: t("app.reason.hint"), min: 3 }}
          onConfirm={(reason) => model.decide(line, what, reason)}
        />
      ))}
    </span>
  );
}

/** What was just said, with the way back. */
function Said({ model }: { readonly model: FollowUpModel }): ReactElement {
  const { t } = useWords();
  const said = useStore(model.said);
  return (
    <div className="live" role="status">
      {said !== null && (
        <Notice tone="good">
          <span>{t("follow.done", { ref: said.ref, mark: t(`follow.mark.${said.mark}`) })}</span>
          <Button look="quiet" size="small" onPress={() => void model.undo(said.case)}>
            {t("follow.undo")}
          </Button>
        </Notice>
      )}
    </div>
  );
}

interface FilterProps {
  readonly model: FollowUpModel;
  readonly campaigns: readonly Option[];
  readonly list: FollowUpList;
}

function Filter({ model, campaigns, list }: FilterProps): ReactElement {
  const { t } = useWords();
  const filter = useStore(model.filter);
  const [reference, setReference] = useState(filter.reference);
  return (
    <Panel label={t("cases.filter")}>
      <form
        className="filter"
        onSubmit={(event) => {
          event.preventDefault();
          model.narrow({ reference });
        }}
      >
        <SelectInput
          label={t("follow.show")}
          value={filter.done ? "done" : "open"}
          onChange={(chosen) => model.narrow({ done: chosen === "done" })}
          options={[
            { id: "open", label: t("follow.show.open") },
            { id: "done", label: t("follow.show.done") },
          ]}
        />
        <SelectInput
          label={t("deliveries.campaign")}
          value={filter.campaign === "" ? "all" : filter.campaign}
          onChange={(id) => model.narrow({ campaign: id === "all" ? "" : id })}
          options={[{ id: "all", label: t("deliveries.campaign.all") }, ...campaigns]}
        />
        <TextInput type="search" label={t("cases.reference")} value={reference} onChange={setReference} maxLength={80} placeholder={t("cases.reference.hint")} />
        <SelectInput
          label={t("cases.order")}
          value={filter.order}
          disabled={filter.done}
          onChange={(order) => model.narrow({ order: order === "newest" ? "newest" : "due" })}
          options={[
            { id: "due", label: t(list === "appointment" ? "follow.order.time" : "follow.order.term") },
            { id: "newest", label: t("cases.order.newest") },
          ]}
        />
        <CheckChoice selected={filter.crisis} onChange={(crisis) => model.narrow({ crisis })}>
          {t("cases.crisis")}
        </CheckChoice>
        <CheckChoice selected={filter.overdue} onChange={(overdue) => model.narrow({ overdue })}>
          {t(list === "appointment" ? "follow.been" : "follow.overdue")}
        </CheckChoice>
        <Button type="submit">{t("cases.search")}</Button>
      </form>
    </Panel>
  );
}
