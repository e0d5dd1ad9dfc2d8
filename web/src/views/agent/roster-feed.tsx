import { type ReactElement, useEffect } from "react";
import { dateTime } from "../../domain/dates";
import { RosterFeedModel } from "../../state/roster-feed";
import { useApp, useWords } from "../../ui/app-context";
import { Button, ErrorNotice, Notice } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

/** The agent's shifts in the calendar that he has already. */
export function RosterFeed(): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const model = useModel(() => new RosterFeedModel(client, location.origin));
  const { data, error } = useStore(model.made);
  const acting = useStore(model.acting);
  const address = useStore(model.address);
  useEffect(() => void model.made.reload(), [model]);
  const made = data?.made_at ?? null;
  return (
    <div className="stack">
      <h3>{t("roster.feed.title")}</h3>
      <p className="muted">{t("roster.feed.hint")}</p>
      <ErrorNotice error={error ?? acting.error} onRetry={() => void model.made.reload()} />
      {address !== null && (
        <Notice tone="warn" live="polite">
          <span>{t("roster.feed.secret")}</span>
        </Notice>
      )}
      {address !== null && <code className="secret">{address}</code>}
      {address === null && made !== null && <p>{t("roster.feed.made", { at: dateTime(made, locale) })}</p>}
      <div className="row">
        {address !== null && (
          <Button size="small" look="primary" onPress={model.seen}>
            {t("roster.feed.seen")}
          </Button>
        )}
        {data !== null && address === null && (
          <Button size="small" isDisabled={acting.busy} onPress={() => void model.make()}>
            {t(made === null ? "roster.feed.make" : "roster.feed.renew")}
          </Button>
        )}
        {made !== null && (
          <Button size="small" look="quiet" isDisabled={acting.busy} onPress={() => void model.end()}>
            {t("roster.feed.end")}
          </Button>
        )}
      </div>
    </div>
  );
}
