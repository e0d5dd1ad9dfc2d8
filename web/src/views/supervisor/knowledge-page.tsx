import { type ReactElement, useEffect } from "react";
import type { KnowledgeCard } from "../../api/types";
import { day, isoDay } from "../../domain/dates";
import { isCard } from "../../domain/knowledge";
import { KnowledgeModel } from "../../state/knowledge";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { DateInput, LongTextInput, SelectInput, TextInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, PageHead, Panel, type Tone } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

const STATES: Readonly<Record<KnowledgeCard["state"], Tone>> = { waiting: "accent", approved: "good", refused: "bad" };

export function KnowledgePage(): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new KnowledgeModel(client));
  const { data, error } = useStore(model.list);
  const { data: clients } = useStore(model.clients);
  const deciding = useStore(model.deciding);
  const { form } = useStore(model.writing);
  const mayWrite = useMay("script.write");
  const mayClients = useMay("client.read");
  useEffect(() => {
    void model.list.reload();
    if (mayClients) void model.clients.reload();
  }, [model, mayClients]);
  return (
    <>
      <PageHead title={t("knowledge.page")}>
        {mayWrite && (
          <Button look="primary" onPress={() => model.begin(isoDay(new Date(client.now() * 1000)))}>
            {t("knowledge.new")}
          </Button>
        )}
      </PageHead>
      <div className={form === null ? "stack" : "page-grid"}>
        <Panel>
          <p className="muted">{t("knowledge.intro")}</p>
          <ErrorNotice error={error ?? deciding.error} onRetry={() => void model.list.reload()} />
          {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
          {data?.length === 0 && <Empty>{t("knowledge.none")}</Empty>}
          <ul className="lines">
            {data?.map((card) => (
              <CardLine key={card.id} model={model} card={card} clientName={clients?.find(({ id }) => id === card.client)?.name ?? ""} mayWrite={mayWrite} />
            ))}
          </ul>
        </Panel>
        {form !== null && <CardFields model={model} />}
      </div>
    </>
  );
}

interface CardLineProps {
  readonly model: KnowledgeModel;
  readonly card: KnowledgeCard;
  readonly clientName: string;
  readonly mayWrite: boolean;
}

function CardLine({ model, card, clientName, mayWrite }: CardLineProps): ReactElement {
  const { t, locale } = useWords();
  const mayApprove = useMay("script.approve");
  const dates = card.valid_to === null ? t("knowledge.from", { from: day(card.valid_from, locale) }) : t("knowledge.between", { from: day(card.valid_from, locale), to: day(card.valid_to, locale) });
  return (
    <li className="line line--block">
      <span className="row row--between">
        <span className="row row--tight">
          <strong>{card.title}</strong>
          <Badge tone={STATES[card.state]}>{t(`script.version.state.${card.state}`)}</Badge>
        </span>
        {mayWrite && (
          <Button size="small" look="quiet" aria-label={`${t("knowledge.edit")}: ${card.title}`} onPress={() => model.open(card)}>
            {t("knowledge.edit")}
          </Button>
        )}
      </span>
      <span className="muted">{[clientName, dates].filter((part) => part !== "").join(" · ")}</span>
      <span className="knowledge__text">{card.text}</span>
      {card.decided_note !== "" && <span className="muted">{card.decided_note}</span>}
      {card.shown !== null && card.shown !== card.version && <span className="muted">{t("knowledge.older")}</span>}
      {mayApprove && card.state === "waiting" && (
        <span className="row">
          <Button size="small" look="primary" aria-label={`${t("script.review.approve")}: ${card.title}`} onPress={() => void model.decide(card, "approved", "")}>
            {t("script.review.approve")}
          </Button>
          <Ask
            trigger={
              <Button size="small" aria-label={`${t("script.review.refuse")}: ${card.title}`}>
                {t("script.review.refuse")}
              </Button>
            }
            title={t("script.review.refuse")}
            text={t("script.review.refuse.text")}
            confirm={t("script.review.refuse")}
            action={model.deciding}
            field={{ label: t("app.reason"), hint: t("app.reason.hint"), min: 3 }}
            onConfirm={(note) => model.decide(card, "refused", note)}
          />
        </span>
      )}
    </li>
  );
}

function CardFields({ model }: { readonly model: KnowledgeModel }): ReactElement | null {
  const { t } = useWords();
  const { card, form } = useStore(model.writing);
  const { data: clients } = useStore(model.clients);
  const { busy, error } = useStore(model.saving);
  if (form === null) return null;
  return (
    <Panel title={t(card === null ? "knowledge.new" : "knowledge.edit")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void model.save();
        }}
      >
        {card === null && (
          <SelectInput label={t("scripts.client")} value={form.client} onChange={(client) => model.edit({ client })} options={(clients ?? []).map(({ id, name }) => ({ id, label: name }))} />
        )}
        <TextInput label={t("knowledge.card.title")} value={form.title} onChange={(title) => model.edit({ title })} maxLength={80} />
        <LongTextInput label={t("knowledge.card.text")} hint={t("knowledge.card.hint")} value={form.text} onChange={(text) => model.edit({ text })} rows={8} />
        <DateInput label={t("knowledge.card.from")} value={form.from} onChange={(from) => model.edit({ from })} />
        <DateInput label={t("knowledge.card.to")} value={form.to} onChange={(to) => model.edit({ to })} error={form.to !== "" && form.to < form.from ? t("knowledge.card.early") : undefined} />
        <ErrorNotice error={error} />
        <div className="row row--end">
          <Button look="quiet" onPress={model.shut}>
            {t("app.cancel")}
          </Button>
          <Button look="primary" type="submit" isDisabled={busy || !isCard(form)}>
            {t("app.save")}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
