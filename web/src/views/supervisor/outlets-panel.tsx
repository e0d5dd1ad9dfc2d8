import { type ReactElement, type ReactNode, useEffect, useState } from "react";
import type { Outlet } from "../../api/types";
import { DAYS } from "../../domain/campaign-form";
import { dateTime } from "../../domain/dates";
import { OutletsModel } from "../../state/outlets";
import { useApp, useMay, useWords, type Words } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { DataTable } from "../../ui/data-table";
import { Badge, Button, Empty, ErrorNotice, Notice, Panel } from "../../ui/parts";
import { SecretOnce } from "../../ui/secret-once";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { OutletEditor } from "./outlet-editor";
import { PublicKeys } from "./place-fields";
import { RenewSecret } from "./renew-secret";
import { type Campaigns, useCampaigns } from "./use-campaigns";

/** Where this client's results go as files, and how that goes; `children` come below the list. */
export function OutletsPanel({ client: of, layouts, children }: { readonly client: string; readonly layouts: readonly string[]; readonly children: ReactNode }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const campaigns = useCampaigns();
  const model = useModel(() => new OutletsModel(client, of));
  const { data, error } = useStore(model.list);
  const { error: failed } = useStore(model.acting);
  const tried = useStore(model.tried);
  const secret = useStore(model.secret);
  const mayWrite = useMay("client.write");
  const [editing, setEditing] = useState<string | null>(null);
  useEffect(() => void model.list.reload(), [model]);
  const edited = data?.find(({ id }) => id === editing) ?? null;
  const triedName = data?.find(({ id }) => id === tried?.outlet)?.name ?? "";
  return (
    <div className={mayWrite ? "page-grid" : "stack"}>
      <div className="stack stack--wide">
        <Panel title={t("outlets.title")}>
          <p className="muted">{t("outlets.intro")}</p>
          <ErrorNotice error={error} onRetry={() => void model.list.reload()} />
          <ErrorNotice error={failed} />
          {tried !== null && (
            <Notice tone={tried.fault === "" ? "good" : "bad"} live="polite">
              {tried.fault === "" ? t("outlets.test.good", { name: triedName }) : t("outlets.test.bad", { name: triedName, reason: t(`outlets.fault.${tried.fault}`) })}
            </Notice>
          )}
          {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
          {data?.length === 0 && <Empty>{t("outlets.none")}</Empty>}
          {data !== null && data.length > 0 && (
            <>
              <List model={model} outlets={data} campaigns={campaigns} mayWrite={mayWrite} onEdit={setEditing} />
              <PublicKeys places={data} />
            </>
          )}
        </Panel>
        {children}
      </div>
      {mayWrite &&
        (secret !== null ? (
          <SecretOnce title={t("outlets.make")} text={t("channels.secret.made")} secret={secret} onSeen={model.seen} />
        ) : (
          <OutletEditor
            key={edited === null ? "new" : `${edited.id} ${edited.version}`}
            model={model}
            outlet={edited}
            campaigns={campaigns.of(of)}
            layouts={layouts}
            onClose={() => setEditing(null)}
          />
        ))}
    </div>
  );
}

/** `ma, do na 17:00`. */
export function planOf({ t }: Words, { weekdays, at }: Outlet): string {
  if (weekdays.length === 0) return t("outlets.plan.never");
  const days = weekdays.map((day) => t(`settings.day.${DAYS[day] ?? "mon"}`).slice(0, 2).toLowerCase());
  return t("outlets.plan", { days: days.join(", "), at });
}

interface ListProps {
  readonly model: OutletsModel;
  readonly outlets: readonly Outlet[];
  readonly campaigns: Campaigns;
  readonly mayWrite: boolean;
  readonly onEdit: (outlet: string) => void;
}

function List({ model, outlets, campaigns, mayWrite, onEdit }: ListProps): ReactElement {
  const words = useWords();
  const { t, locale } = words;
  const { busy } = useStore(model.acting);
  return (
    <DataTable
      label={t("outlets.title")}
      rows={outlets}
      id={({ id }) => id}
      columns={[
        {
          head: t("places.name"),
          cell: ({ name, kind, path, host, campaign, old_secret_until: old }) => (
            <>
              <strong>{name}</strong>
              <div className="muted">
                {t(`outlets.kind.${kind}`)}, {host === "" ? path : `${host}:${path}`}
              </div>
              <div className="muted">{campaigns.name(campaign)}</div>
              {old !== null && <div className="muted">{t("secret.old", { at: dateTime(old, locale) })}</div>}
            </>
          ),
        },
        { head: t("outlets.when"), cell: (outlet) => planOf(words, outlet) },
        { head: t("outlets.layout"), cell: ({ profile }) => (profile === "" ? t("outlets.layout.own") : profile) },
        { head: t("sources.how"), cell: (outlet) => <How outlet={outlet} /> },
        { head: t("channels.last"), cell: ({ last_ok_at: at }) => (at === null ? t("app.none") : dateTime(at, locale)) },
        {
          head: t("floor.action"),
          cell: (outlet) =>
            mayWrite && (
              <span className="row row--tight">
                <Button size="small" isDisabled={busy} aria-label={t("outlets.test.of", { name: outlet.name })} onPress={() => void model.tryOut(outlet.id)}>
                  {t("outlets.test")}
                </Button>
                {outlet.kind === "push" && (
                  <RenewSecret name={outlet.name} text={t("secret.renew.text")} busy={busy} action={model.acting} onRenew={(hours) => model.renewSecret(outlet, hours)} />
                )}
                <Button size="small" aria-label={t("channels.edit.of", { name: outlet.name })} onPress={() => onEdit(outlet.id)}>
                  {t("channels.edit")}
                </Button>
                <Switch model={model} outlet={outlet} busy={busy} />
              </span>
            ),
        },
      ]}
    />
  );
}

/** On, or off after a second key: results would wait without a word. */
function Switch({ model, outlet, busy }: { readonly model: OutletsModel; readonly outlet: Outlet; readonly busy: boolean }): ReactElement {
  const { t } = useWords();
  const { name, state } = outlet;
  if (state !== "on")
    return (
      <Button size="small" isDisabled={busy} aria-label={t("outlets.on.of", { name })} onPress={() => void model.setState(outlet, "on")}>
        {t("outlets.on")}
      </Button>
    );
  return (
    <Ask
      trigger={
        <Button size="small" isDisabled={busy} aria-label={t("outlets.off.of", { name })}>
          {t("outlets.off")}
        </Button>
      }
      title={t("outlets.off.of", { name })}
      text={t("outlets.off.text")}
      confirm={t("outlets.off")}
      action={model.acting}
      onConfirm={async () => model.setState(outlet, "off")}
    />
  );
}

/** The state, what waits, and what is wrong in plain words. */
export function How({ outlet }: { readonly outlet: Outlet }): ReactElement {
  const { t } = useWords();
  const { state, last_error: fault, waiting, dead } = outlet;
  return (
    <div className="stack stack--tight">
      <div className="row row--tight">
        {state !== "on" ? <Badge>{t(`channels.state.${state}`)}</Badge> : <Badge tone={fault === "" ? "good" : "bad"}>{t(fault === "" ? "channels.state.on" : "channels.trouble")}</Badge>}
        {waiting > 0 && <Badge tone="info">{t("outlets.waiting", { count: waiting })}</Badge>}
        {dead > 0 && <Badge tone="bad">{t("outlets.dead", { count: dead })}</Badge>}
      </div>
      {state === "on" && fault !== "" && <span>{t(`outlets.fault.${fault}`)}</span>}
    </div>
  );
}
