import { type ReactElement, useEffect, useState } from "react";
import type { DueResult, OutboxMessage } from "../../api/types";
import { dateTime } from "../../domain/dates";
import type { MessageKey } from "../../i18n";
import { type Content, DueModel } from "../../state/due";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { TextInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, Fact, Facts, Link, Notice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import type { Campaigns } from "./use-campaigns";

const HAND_KEYS: ReadonlySet<string> = new Set(["hand.ref", "hand.signals", "hand.result", "hand.ddas", "hand.talk", "hand.appointment", "hand.attempts", "hand.note"]);

/** What is to be with clients by when, what was given up, and what somebody types over. */
export function DuePanel({ campaigns }: { readonly campaigns: Campaigns }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new DueModel(client));
  const { data, error } = useStore(model.due);
  const { error: failed } = useStore(model.acting);
  const { data: dead } = useStore(model.dead);
  const { data: byHand } = useStore(model.byHand);
  useEffect(() => void model.load(), [model]);
  return (
    <>
      <ErrorNotice error={error ?? failed} onRetry={() => void model.load()} />
      <Panel title={t("due.title")}>
        <p className="muted">{t("due.intro")}</p>
        {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
        {data !== null && data.late > 0 && (
          <Notice tone="bad">{t(data.late === 1 ? "due.late.one" : "due.late", { count: data.late })}</Notice>
        )}
        {data?.total === 0 && <Empty>{t("due.none")}</Empty>}
        {data !== null && data.total > 0 && <Due items={data.items} campaigns={campaigns} />}
        {data !== null && data.total > data.items.length && <p className="muted">{t("due.more", { count: data.total - data.items.length })}</p>}
      </Panel>
      {byHand !== null && byHand.length > 0 && <ByHand model={model} messages={byHand} campaigns={campaigns} />}
      {dead !== null && dead.length > 0 && <Dead model={model} messages={dead} campaigns={campaigns} />}
    </>
  );
}

function Due({ items, campaigns }: { readonly items: readonly DueResult[]; readonly campaigns: Campaigns }): ReactElement {
  const { t, locale } = useWords();
  return (
    <DataTable
      label={t("due.title")}
      rows={items}
      id={({ case: one }) => one}
      columns={[
        { head: t("hand.ref"), cell: ({ case: one, client_ref: ref }) => <Link to={`/cases/${one}`}>{ref}</Link> },
        { head: t("deliveries.campaign"), cell: ({ campaign }) => campaigns.name(campaign) },
        { head: t("due.what"), cell: ({ kind }) => t(`message.kind.${kind}`) },
        {
          head: t("due.by"),
          cell: ({ due_at: at, late }) => (
            <span className="row row--tight">
              {dateTime(at, locale)}
              {late && <Badge tone="bad">{t("due.too.late")}</Badge>}
            </span>
          ),
        },
        { head: t("campaigns.state"), cell: ({ stage }) => <Badge tone={stage === "dead" ? "bad" : "plain"}>{t(`due.stage.${stage}`)}</Badge> },
      ]}
    />
  );
}

interface ListProps {
  readonly model: DueModel;
  readonly messages: readonly OutboxMessage[];
  readonly campaigns: Campaigns;
}

function Dead({ model, messages, campaigns }: ListProps): ReactElement {
  const { t, locale } = useWords();
  const { busy } = useStore(model.acting);
  const { data: channels } = useStore(model.channels);
  const may = useMay("export.write");
  return (
    <Panel title={t("dead.title")}>
      <p className="muted">{t("dead.intro")}</p>
      <DataTable
        label={t("dead.title")}
        rows={messages}
        id={({ id }) => id}
        columns={[
          { head: t("channels.name"), cell: ({ channel }) => channels?.find(({ id }) => id === channel)?.name ?? t("app.none") },
          { head: t("deliveries.campaign"), cell: ({ campaign }) => campaigns.name(campaign) },
          { head: t("due.what"), cell: ({ kind, case: one }) => <Link to={`/cases/${one}`}>{kind === "" ? t("app.none") : t(`message.kind.${kind}`)}</Link> },
          { head: t("exports.made"), cell: ({ created_at: at }) => dateTime(at, locale) },
          { head: t("dead.why"), cell: ({ error }) => (error === "" ? t("app.none") : t(`channels.fault.${error}`)) },
          {
            head: t("floor.action"),
            cell: ({ id }) =>
              may && (
                <Button size="small" isDisabled={busy} onPress={() => void model.resend(id)}>
                  {t("dead.resend")}
                </Button>
              ),
          },
        ]}
      />
    </Panel>
  );
}

function ByHand({ model, messages, campaigns }: ListProps): ReactElement {
  const { t, locale } = useWords();
  const { busy } = useStore(model.acting);
  const content = useStore(model.content);
  return (
    <Panel title={t("hand.title")}>
      <p className="muted">{t("hand.intro")}</p>
      <DataTable
        label={t("hand.title")}
        rows={messages}
        id={({ id }) => id}
        columns={[
          { head: t("deliveries.campaign"), cell: ({ campaign }) => campaigns.name(campaign) },
          { head: t("due.what"), cell: ({ kind }) => (kind === "" ? t("app.none") : t(`message.kind.${kind}`)) },
          { head: t("exports.made"), cell: ({ created_at: at }) => dateTime(at, locale) },
          {
            head: t("floor.action"),
            cell: ({ id }) => (
              <Button size="small" isDisabled={busy || content?.message === id} onPress={() => void model.open(id)}>
                {t("hand.open")}
              </Button>
            ),
          },
        ]}
      />
      {content !== null && <Enter key={content.message} model={model} content={content} />}
    </Panel>
  );
}

function Enter({ model, content }: { readonly model: DueModel; readonly content: Content }): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  const may = useMay("export.write");
  const [reference, setReference] = useState("");
  return (
    <Panel tone="accent" title={t("hand.enter")} aside={<Button size="small" onPress={model.close}>{t("channels.close")}</Button>}>
      <Facts>
        {content.lines.map(({ label, text }) => (
          <Fact key={label} name={HAND_KEYS.has(label) ? t(label as MessageKey) : label}>
            {text}
          </Fact>
        ))}
      </Facts>
      {may && (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (reference.trim() !== "") void model.entered(content.message, reference);
          }}
        >
          <TextInput label={t("hand.reference")} hint={t("hand.reference.hint")} value={reference} onChange={setReference} maxLength={200} />
          <div>
            <Button look="primary" type="submit" isDisabled={busy || reference.trim() === ""}>
              {t("hand.done")}
            </Button>
          </div>
        </form>
      )}
    </Panel>
  );
}
