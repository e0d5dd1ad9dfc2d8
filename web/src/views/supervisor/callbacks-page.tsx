import { type ReactElement, useEffect } from "react";
import type { Callback } from "../../api/types";
import { dateTime } from "../../domain/dates";
import { CallbacksModel } from "../../state/office";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { type Column, PagedTable } from "../../ui/data-table";
import { Badge, Button, ErrorNotice, PageHead, Panel } from "../../ui/parts";
import { router } from "../../ui/router";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { PAGES } from "../pages";

export function CallbacksPage(): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const model = useModel(() => new CallbacksModel(client));
  const open = useStore(model.open);
  const claimed = useStore(model.claimed);
  const { busy, error } = useStore(model.acting);
  const onDuty = useMay("duty");
  useEffect(() => void model.reload(), [model]);
  const facts: readonly Column<Callback>[] = [
    { head: t("callbacks.requested"), cell: (row) => dateTime(row.requested_at, locale) },
    { head: t("callbacks.number"), cell: (row) => (row.number === "" ? <span className="muted">{t("callbacks.number.hidden")}</span> : <strong>{row.number}</strong>) },
    { head: t("callbacks.origin"), cell: (row) => t(`callbacks.origin.${row.origin}`) },
    { head: t("callbacks.tries"), cell: (row) => tries(row) },
  ];
  const tries = ({ tries: n, tried_at: at }: Callback): string => {
    if (n === 0 || at === null) return t("app.none");
    return t(n === 1 ? "callbacks.tries.once" : "callbacks.tries.often", { n, at: dateTime(at, locale) });
  };
  const call = async (row: Callback): Promise<void> => {
    if (await model.call(row.id)) router.go(PAGES.desk.path);
    else void model.reload();
  };
  const named = (what: "callbacks.claim" | "callbacks.call" | "callbacks.done" | "callbacks.cancelled", row: Callback): string =>
    t("callbacks.of", { what: t(what), at: dateTime(row.requested_at, locale) });
  const claim: Column<Callback> = {
    head: t("floor.action"),
    cell: (row) => (
      <Button size="small" icon="phone" isDisabled={busy} aria-label={named("callbacks.claim", row)} onPress={() => void model.claim(row.id)}>
        {t("callbacks.claim")}
      </Button>
    ),
  };
  const close: Column<Callback> = {
    head: t("floor.action"),
    cell: (row) => row.number === "" ? <span className="muted">{t("callbacks.colleague")}</span> : (
      <span className="row row--tight">
        {row.attempt !== null && <Badge tone="accent">{t("callbacks.calling")}</Badge>}
        {row.attempt === null && row.case === null && onDuty && (
          <Button size="small" look="primary" icon="phone" isDisabled={busy} aria-label={named("callbacks.call", row)} onPress={() => void call(row)}>
            {t("callbacks.call")}
          </Button>
        )}
        <Button size="small" icon="check" isDisabled={busy} aria-label={named("callbacks.done", row)} onPress={() => void model.close(row.id, "done")}>
          {t("callbacks.done")}
        </Button>
        <Button size="small" look="quiet" isDisabled={busy} aria-label={named("callbacks.cancelled", row)} onPress={() => void model.close(row.id, "cancelled")}>
          {t("callbacks.cancelled")}
        </Button>
      </span>
    ),
  };
  const table = { id: (row: Callback) => row.id, onRetry: () => void model.reload() };
  return (
    <>
      <PageHead title={t("callbacks.title")}>
        <Button look="quiet" isDisabled={busy} onPress={() => void model.reload()}>
          {t("app.refresh")}
        </Button>
      </PageHead>
      <div className="stack stack--wide">
        <p className="muted">{t("callbacks.hint")}</p>
        <ErrorNotice error={error} />
        <Panel>
          <PagedTable label={t("callbacks.title")} pages={open} none={t("callbacks.none")} columns={[...facts, claim]} onMore={() => void model.open.more()} {...table} />
        </Panel>
        {(claimed.data ?? []).length > 0 && (
          <Panel title={t("callbacks.claimed")}>
            <PagedTable label={t("callbacks.claimed")} pages={claimed} none="" columns={[...facts, close]} onMore={() => void model.claimed.more()} {...table} />
          </Panel>
        )}
      </div>
    </>
  );
}
