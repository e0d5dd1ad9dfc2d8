import { type ReactElement, useEffect, useState } from "react";
import type { Token } from "../../api/types";
import { day } from "../../domain/dates";
import { type Purpose, PURPOSES, tokenState } from "../../domain/tokens";
import { TokensModel } from "../../state/tokens";
import { useApp, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { DataTable } from "../../ui/data-table";
import { SelectInput, TextInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, PageHead, Panel } from "../../ui/parts";
import { SecretOnce } from "../../ui/secret-once";
import { useModel } from "../../ui/use-model";
import { useNow } from "../../ui/use-now";
import { useStore } from "../../ui/use-store";
import { RenewSecret } from "./renew-secret";
import { ChannelsPanel } from "./channels-panel";
import { SourcesPanel } from "./sources-panel";

const TONES = { valid: "good", expired: "plain", revoked: "bad" } as const;
/** Of a renewed one: as of one that is made. */
const DAYS = 90;
const ALL = Object.keys(PURPOSES) as Purpose[];

export function TokensPage(): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new TokensModel(client));
  const { data, error } = useStore(model.list);
  useEffect(() => void model.load(), [model]);
  return (
    <>
      <PageHead title={t("tokens.title")} />
      <div className="stack stack--wide">
      <div className="page-grid">
        <Panel title={t("tokens.keys")}>
          <p className="muted">{t("tokens.intro")}</p>
          <ErrorNotice error={error} onRetry={() => void model.load()} />
          {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
          {data?.length === 0 && <Empty>{t("tokens.none")}</Empty>}
          {data !== null && data.length > 0 && <Tokens model={model} tokens={data} />}
        </Panel>
        <Make model={model} />
      </div>
      <ChannelsPanel />
      <SourcesPanel client={null} />
      </div>
    </>
  );
}

function Tokens({ model, tokens }: { readonly model: TokensModel; readonly tokens: readonly Token[] }): ReactElement {
  const { t, locale } = useWords();
  const now = useNow();
  const { data: clients } = useStore(model.clients);
  const { busy } = useStore(model.acting);
  return (
    <DataTable
      label={t("tokens.title")}
      rows={tokens}
      id={({ id }) => id}
      columns={[
        { head: t("tokens.name"), cell: ({ name }) => <strong>{name}</strong> },
        { head: t("users.role"), cell: ({ role }) => t(`role.${role}`) },
        { head: t("tokens.client"), cell: ({ client }) => clients?.find(({ id }) => id === client)?.name ?? t("app.none") },
        { head: t("tokens.until"), cell: ({ expires_at }) => day(expires_at, locale) },
        {
          head: t("campaigns.state"),
          cell: (token) => {
            const state = tokenState(token, now);
            return <Badge tone={TONES[state]}>{t(token.renewed && state === "valid" ? "tokens.state.renewed" : `tokens.state.${state}`)}</Badge>;
          },
        },
        {
          head: t("floor.action"),
          cell: (token) =>
            tokenState(token, now) === "valid" && (
              <span className="row row--tight">
              {!token.renewed && <RenewSecret name={token.name} text={t("tokens.renew.text")} busy={busy} action={model.acting} onRenew={(hours) => model.renew(token.id, hours, DAYS)} />}
              <Ask
                trigger={
                  <Button size="small" aria-label={t("tokens.revoke.of", { name: token.name })}>
                    {t("tokens.revoke")}
                  </Button>
                }
                title={t("tokens.revoke.of", { name: token.name })}
                text={t("tokens.revoke.text")}
                confirm={t("tokens.revoke")}
                action={model.acting}
                onConfirm={() => model.revoke(token.id)}
              />
              </span>
            ),
        },
      ]}
    />
  );
}

function Make({ model }: { readonly model: TokensModel }): ReactElement {
  const { t } = useWords();
  const { busy, error } = useStore(model.acting);
  const secret = useStore(model.secret);
  const { data: clients } = useStore(model.clients);
  const [name, setName] = useState("");
  const [purpose, setPurpose] = useState<Purpose>("exchange");
  const [client, setClient] = useState("");
  const [days, setDays] = useState("90");
  const forClient = PURPOSES[purpose].role === "client";
  const whole = /^\d{1,3}$/.test(days) && Number(days) >= 1 && Number(days) <= 366;
  const ready = name.trim() !== "" && whole && (!forClient || client !== "");
  if (secret !== null) return <SecretOnce title={t("tokens.make")} text={t("tokens.secret")} secret={secret} onSeen={model.seen} />;
  return (
    <Panel title={t("tokens.make")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void model.make(name, purpose, client, Number(days)).then((done) => done && setName(""));
        }}
      >
        <TextInput label={t("tokens.name")} value={name} onChange={setName} maxLength={80} />
        <SelectInput
          label={t("tokens.purpose")}
          value={purpose}
          onChange={(chosen) => setPurpose(ALL.find((one) => one === chosen) ?? "exchange")}
          options={ALL.map((id) => ({ id, label: t(`tokens.purpose.${id}`) }))}
        />
        {forClient && <SelectInput label={t("tokens.client")} value={client} onChange={setClient} options={(clients ?? []).map(({ id, name: label }) => ({ id, label }))} />}
        <TextInput label={t("tokens.days")} value={days} onChange={setDays} maxLength={3} {...(whole ? {} : { error: t("tokens.days.hint") })} />
        <ErrorNotice error={error} />
        <Button look="primary" type="submit" isDisabled={busy || !ready}>
          {t("tokens.make")}
        </Button>
      </form>
    </Panel>
  );
}
