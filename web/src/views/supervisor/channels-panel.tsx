import { type ReactElement, useEffect, useState } from "react";
import type { Channel, ChannelKind } from "../../api/types";
import { dateTime } from "../../domain/dates";
import { ChannelsModel } from "../../state/channels";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { SelectInput, TextInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, Notice, Panel } from "../../ui/parts";
import { SecretOnce } from "../../ui/secret-once";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { ChannelEditor } from "./channel-editor";
import { RenewSecret } from "./renew-secret";

const KINDS: readonly ChannelKind[] = ["webhook", "klantinteracties", "hand"];

/** Where results go by themselves, and how that goes. */
export function ChannelsPanel(): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new ChannelsModel(client));
  const { data, error } = useStore(model.list);
  const { error: failed } = useStore(model.acting);
  const tried = useStore(model.tried);
  const mayWrite = useMay("client.write");
  const [editing, setEditing] = useState<string | null>(null);
  useEffect(() => void model.load(), [model]);
  const edited = data?.find(({ id }) => id === editing);
  return (
    <div className={mayWrite ? "page-grid" : "stack"}>
      <Panel title={t("channels.title")}>
        <p className="muted">{t("channels.intro")}</p>
        <ErrorNotice error={error ?? failed} />
        {tried !== null && (
          <Notice tone={tried.fault === "" ? "good" : "bad"} live="polite">
            {tried.fault === "" ? t("channels.test.good") : t("channels.test.bad", { reason: t(`channels.fault.${tried.fault}`) })}
          </Notice>
        )}
        {data?.length === 0 && <Empty>{t("channels.none")}</Empty>}
        {data !== null && data.length > 0 && <Channels model={model} channels={data} mayWrite={mayWrite} onEdit={setEditing} />}
      </Panel>
      {mayWrite && (edited === undefined ? <Make model={model} /> : <ChannelEditor key={`${edited.id} ${edited.version}`} model={model} channel={edited} onClose={() => setEditing(null)} />)}
    </div>
  );
}

interface ListProps {
  readonly model: ChannelsModel;
  readonly channels: readonly Channel[];
  readonly mayWrite: boolean;
  readonly onEdit: (channel: string) => void;
}

function Channels({ model, channels, mayWrite, onEdit }: ListProps): ReactElement {
  const { t, locale } = useWords();
  const { busy } = useStore(model.acting);
  const { data: clients } = useStore(model.clients);
  return (
    <DataTable
      label={t("channels.title")}
      rows={channels}
      id={({ id }) => id}
      columns={[
        {
          head: t("channels.name"),
          cell: ({ name, kind, client, old_secret_until: old }) => (
            <>
              <strong>{name}</strong>
              <div className="muted">
                {t(`channels.kind.${kind}`)}, {clients?.find(({ id }) => id === client)?.name ?? t("app.none")}
              </div>
              {old !== null && <div className="muted">{t("secret.old", { at: dateTime(old, locale) })}</div>}
            </>
          ),
        },
        { head: t("channels.how"), cell: (channel) => <How channel={channel} /> },
        { head: t("channels.received"), cell: ({ confirmed }) => confirmed, align: "end" },
        { head: t("channels.waiting"), cell: ({ waiting }) => waiting, align: "end" },
        { head: t("channels.dead"), cell: ({ dead }) => (dead > 0 ? <Badge tone="bad">{dead}</Badge> : dead), align: "end" },
        { head: t("channels.last"), cell: ({ last_ok_at: at }) => (at === null ? t("app.none") : dateTime(at, locale)) },
        {
          head: t("floor.action"),
          cell: (channel) =>
            mayWrite && (
              <span className="row row--tight">
                {channel.kind !== "hand" && (
                  <Button size="small" isDisabled={busy} aria-label={t("channels.test.of", { name: channel.name })} onPress={() => void model.tryOut(channel.id)}>
                    {t("channels.test")}
                  </Button>
                )}
                {channel.kind === "webhook" && (
                  <RenewSecret name={channel.name} text={t("secret.renew.text")} busy={busy} action={model.acting} onRenew={(hours) => model.renewSecret(channel, hours)} />
                )}
                <Button size="small" aria-label={t("channels.edit.of", { name: channel.name })} onPress={() => onEdit(channel.id)}>
                  {t("channels.edit")}
                </Button>
              </span>
            ),
        },
      ]}
    />
  );
}

/** The state, and what is wrong in plain words. */
function How({ channel }: { readonly channel: Channel }): ReactElement {
  const { t, locale } = useWords();
  const { state, last_error: fault, last_error_at: at, rest_until: rest } = channel;
  if (state !== "on") return <Badge>{t(`channels.state.${state}`)}</Badge>;
  if (fault === "") return <Badge tone="good">{t("channels.state.on")}</Badge>;
  return (
    <div className="stack stack--tight">
      <div>
        <Badge tone="bad">{t("channels.trouble")}</Badge>
      </div>
      <span>{t(`channels.fault.${fault}`)}</span>
      <span className="muted">
        {at === null ? "" : t("channels.since", { at: dateTime(at, locale) })}
        {rest === null ? "" : ` ${t("channels.again", { at: dateTime(rest, locale) })}`}
      </span>
    </div>
  );
}

function Make({ model }: { readonly model: ChannelsModel }): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  const secret = useStore(model.secret);
  const { data: clients } = useStore(model.clients);
  const [kind, setKind] = useState<ChannelKind>("webhook");
  const [name, setName] = useState("");
  const [chosen, setClient] = useState("");
  const [url, setUrl] = useState("");
  const [key, setKey] = useState("");
  const client = chosen === "" && clients?.length === 1 ? (clients[0]?.id ?? "") : chosen;
  const ready = name.trim() !== "" && client !== "" && (kind === "hand" || url.trim() !== "") && (kind !== "klantinteracties" || key !== "");
  if (secret !== null) return <SecretOnce title={t("channels.make")} text={t("channels.secret.made")} secret={secret} onSeen={model.seen} />;
  return (
    <Panel title={t("channels.make")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          void model.make({ client, kind, name, url, secret: key }).then((done) => {
            if (!done) return;
            setName("");
            setUrl("");
            setKey("");
          });
        }}
      >
        <SelectInput
          label={t("channels.kind")}
          value={kind}
          onChange={(value) => setKind(KINDS.find((one) => one === value) ?? "webhook")}
          options={KINDS.map((id) => ({ id, label: t(`channels.kind.${id}`) }))}
          hint={t(`channels.kind.${kind}.hint`)}
        />
        <SelectInput label={t("tokens.client")} value={client} onChange={setClient} options={(clients ?? []).map(({ id, name: label }) => ({ id, label }))} />
        <TextInput label={t("channels.name")} value={name} onChange={setName} maxLength={60} />
        {kind !== "hand" && <TextInput label={t("channels.url")} hint={t("channels.url.hint")} value={url} onChange={setUrl} maxLength={500} />}
        {kind === "klantinteracties" && <TextInput label={t("channels.secret")} hint={t("channels.secret.hint")} type="password" autoComplete="new-password" value={key} onChange={setKey} maxLength={500} />}
        <Button look="primary" type="submit" isDisabled={busy || !ready}>
          {t("channels.make")}
        </Button>
      </form>
    </Panel>
  );
}
