import { type ReactElement, useEffect, useState } from "react";
import { CheckboxGroup, Label } from "react-aria-components";
import type { Source } from "../../api/types";
import { DAYS } from "../../domain/campaign-form";
import { dateTime } from "../../domain/dates";
import { SourcesModel } from "../../state/sources";
import { useApp, useMay, useWords, type Words } from "../../ui/app-context";
import { CheckChoice } from "../../ui/choices";
import { DataTable } from "../../ui/data-table";
import { SelectInput, TextInput, TimeInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { type Campaigns, useCampaigns } from "./use-campaigns";

const KINDS: readonly Source["kind"][] = ["sftp", "folder"];

/** Where lists are fetched, how that goes, and what did not come. */
export function SourcesPanel(): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const campaigns = useCampaigns();
  const model = useModel(() => new SourcesModel(client));
  const { data, error } = useStore(model.list);
  const { error: failed } = useStore(model.acting);
  const mayWrite = useMay("client.write");
  useEffect(() => void model.list.reload(), [model]);
  return (
    <div className={mayWrite ? "page-grid" : "stack"}>
      <Panel title={t("sources.title")}>
        <p className="muted">{t("sources.intro")}</p>
        <ErrorNotice error={error ?? failed} />
        {data?.length === 0 && <Empty>{t("sources.none")}</Empty>}
        {data !== null && data.length > 0 && <List model={model} sources={data} campaigns={campaigns} mayWrite={mayWrite} />}
      </Panel>
      {mayWrite && <Make model={model} campaigns={campaigns} />}
    </div>
  );
}

function expectedOf({ t }: Words, { weekdays, month_days: dates, by }: Source): string {
  const days = [...weekdays.map((day) => t(`settings.day.${DAYS[day] ?? "mon"}`).toLowerCase()), ...dates.map(String)];
  return days.length === 0 ? t("sources.expected.never") : t("sources.by", { days: days.join(", "), by });
}

interface ListProps {
  readonly model: SourcesModel;
  readonly sources: readonly Source[];
  readonly campaigns: Campaigns;
  readonly mayWrite: boolean;
}

function List({ model, sources, campaigns, mayWrite }: ListProps): ReactElement {
  const words = useWords();
  const { t, locale } = words;
  const { busy } = useStore(model.acting);
  const keyed = sources.filter(({ public_key: key }) => key !== "");
  return (
    <>
      <DataTable
        label={t("sources.title")}
        rows={sources}
        id={({ id }) => id}
        columns={[
          {
            head: t("sources.name"),
            cell: ({ name, kind, path, host, campaign }) => (
              <>
                <strong>{name}</strong>
                <div className="muted">
                  {t(`sources.kind.${kind}`)}, {host === "" ? path : `${host}:${path}`}
                </div>
                <div className="muted">{campaigns.name(campaign)}</div>
              </>
            ),
          },
          { head: t("sources.how"), cell: (source) => <How source={source} /> },
          { head: t("sources.expected"), cell: (source) => expectedOf(words, source) },
          { head: t("sources.looked"), cell: ({ looked_at: at }) => (at === null ? t("app.none") : dateTime(at, locale)) },
          {
            head: t("floor.action"),
            cell: (source) =>
              mayWrite && (
                <span className="row row--tight">
                  <Button size="small" isDisabled={busy || !source.on} aria-label={t("sources.look.of", { name: source.name })} onPress={() => void model.look(source.id)}>
                    {t("sources.look")}
                  </Button>
                  <Button
                    size="small"
                    isDisabled={busy}
                    aria-label={t(source.on ? "sources.stop.of" : "sources.start.of", { name: source.name })}
                    onPress={() => void model.watch(source, !source.on)}
                  >
                    {t(source.on ? "sources.stop" : "sources.start")}
                  </Button>
                </span>
              ),
          },
        ]}
      />
      {keyed.length > 0 && (
        <details>
          <summary>{t("sources.key")}</summary>
          {keyed.map(({ id, name, public_key: key }) => (
            <p key={id}>
              <strong>{name}</strong> <code className="secret">{key}</code>
            </p>
          ))}
        </details>
      )}
    </>
  );
}

function How({ source }: { readonly source: Source }): ReactElement {
  const { t, locale } = useWords();
  const { on, last_error: fault, missing_since: missing } = source;
  if (!on) return <Badge>{t("sources.off")}</Badge>;
  return (
    <div className="stack stack--tight">
      {missing !== null && (
        <div>
          <Badge tone="bad">{t("sources.missing", { at: dateTime(missing, locale) })}</Badge>
        </div>
      )}
      {fault !== "" && <span>{t(`sources.fault.${fault}`)}</span>}
      {missing === null && fault === "" && (
        <div>
          <Badge tone="good">{t("sources.good")}</Badge>
        </div>
      )}
    </div>
  );
}

function Make({ model, campaigns }: { readonly model: SourcesModel; readonly campaigns: Campaigns }): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  const [kind, setKind] = useState<Source["kind"]>("sftp");
  const [campaign, setCampaign] = useState("");
  const [name, setName] = useState("");
  const [path, setPath] = useState("");
  const [host, setHost] = useState("");
  const [user, setUser] = useState("");
  const [hostKey, setHostKey] = useState("");
  const [days, setDays] = useState<readonly string[]>([]);
  const [by, setBy] = useState("10:00");
  const ready = campaign !== "" && name.trim() !== "" && path.trim() !== "" && (kind === "folder" || (host.trim() !== "" && user.trim() !== "" && hostKey.trim() !== ""));
  return (
    <Panel title={t("sources.make")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          const weekdays = DAYS.flatMap((day, number) => (days.includes(day) ? [number] : []));
          void model.make({ campaign, kind, name, path, host, user, hostKey, weekdays, by }).then((done) => {
            if (!done) return;
            setName("");
            setPath("");
          });
        }}
      >
        <SelectInput
          label={t("sources.kind")}
          value={kind}
          onChange={(value) => setKind(KINDS.find((one) => one === value) ?? "sftp")}
          options={KINDS.map((id) => ({ id, label: t(`sources.kind.${id}`) }))}
        />
        <SelectInput label={t("deliveries.campaign")} value={campaign} onChange={setCampaign} options={campaigns.options} placeholder={t("deliveries.campaign.choose")} />
        <TextInput label={t("sources.name")} value={name} onChange={setName} maxLength={60} />
        {kind === "sftp" && (
          <>
            <TextInput label={t("sources.host")} value={host} onChange={setHost} />
            <TextInput label={t("sources.user")} value={user} onChange={setUser} />
            <TextInput label={t("sources.host_key")} hint={t("sources.host_key.hint")} value={hostKey} onChange={setHostKey} maxLength={2000} />
          </>
        )}
        <TextInput label={t("sources.path")} hint={t("sources.path.hint")} value={path} onChange={setPath} />
        <CheckboxGroup className="choices" value={[...days]} onChange={setDays}>
          <Label className="label">{t("sources.weekdays")}</Label>
          <div className="row row--tight">
            {DAYS.map((day) => (
              <CheckChoice key={day} value={day}>
                {t(`settings.day.${day}`).slice(0, 2)}
              </CheckChoice>
            ))}
          </div>
        </CheckboxGroup>
        {days.length > 0 && <TimeInput label={t("sources.time")} value={by} onChange={setBy} />}
        <Button look="primary" type="submit" isDisabled={busy || !ready}>
          {t("sources.make")}
        </Button>
      </form>
    </Panel>
  );
}
