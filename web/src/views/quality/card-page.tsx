import { type ReactElement, useEffect } from "react";
import { isCard } from "../../domain/quality";
import { ScorecardModel } from "../../state/quality";
import { useApp, useWords } from "../../ui/app-context";
import { CheckChoice } from "../../ui/choices";
import { TextInput } from "../../ui/fields";
import { Button, Empty, ErrorNotice, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { ClientChoice } from "./client-choice";
import { QualityTabs } from "./tabs";

const MOST = 30;

/** What records are scored by: changed here, kept as a new version. */
export function CardPage(): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new ScorecardModel(client));
  const { data, error } = useStore(model.shown);
  const rows = useStore(model.rows);
  const saving = useStore(model.saving);
  useEffect(() => void model.open(), [model]);
  return (
    <>
      <PageHead title={t("quality.title")} />
      <div className="stack stack--wide">
        <QualityTabs part="card" />
        <Panel title={t("quality.card")} aside={data !== null && <span className="muted">{data.version === 0 ? t("quality.card.shipped") : t("quality.card.version", { version: data.version })}</span>}>
          <p className="muted">{t("quality.card.intro")}</p>
          <ClientChoice model={model} />
          <ErrorNotice error={error ?? saving.error} onRetry={() => void model.shown.reload()} />
          {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
          {data !== null && (
            <form
              className="stack"
              onSubmit={(event) => {
                event.preventDefault();
                void model.save();
              }}
            >
              <ol className="lines">
                {rows.map((row, place) => (
                  // A row has no name of its own until it is kept: its place is what it is known by.
                  <li key={place} className="line line--criterion">
                    <TextInput label={t("quality.card.label", { n: place + 1 })} value={row.label} onChange={(label) => model.edit(place, { label })} maxLength={120} />
                    <TextInput
                      label={t("quality.card.weight", { n: place + 1 })}
                      size="short"
                      value={row.weight}
                      onChange={(weight) => model.edit(place, { weight })}
                      error={/^([1-9]|10)$/.test(row.weight) ? undefined : t("quality.card.weight.wrong")}
                      maxLength={2}
                    />
                    <CheckChoice selected={row.fatal} onChange={(fatal) => model.edit(place, { fatal })}>
                      {t("quality.fatal")}
                    </CheckChoice>
                    <Button look="quiet" size="small" aria-label={t("quality.card.remove.of", { n: place + 1 })} onPress={() => model.remove(place)}>
                      {t("quality.card.remove")}
                    </Button>
                  </li>
                ))}
              </ol>
              <div className="row row--end">
                <Button isDisabled={rows.length >= MOST} onPress={model.add}>
                  {t("quality.card.add")}
                </Button>
                <Button type="submit" look="primary" isDisabled={saving.busy || !isCard(rows)}>
                  {t("quality.card.save")}
                </Button>
              </div>
            </form>
          )}
        </Panel>
      </div>
    </>
  );
}
