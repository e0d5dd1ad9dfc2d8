import type { ReactElement } from "react";
import type { CampaignTerms } from "../../api/types";
import { day } from "../../domain/dates";
import type { QueryState } from "../../state/query";
import { useWords } from "../../ui/app-context";
import { Empty, ErrorNotice, Notice, Panel } from "../../ui/parts";

/** Until when the campaign calls, and how many open cases end on which day. */
export function TermsPanel({ terms, onReload }: { readonly terms: QueryState<CampaignTerms>; readonly onReload: () => void }): ReactElement {
  const { t } = useWords();
  const { data, error } = terms;
  return (
    <Panel title={t("terms.title")}>
      <ErrorNotice error={error} onRetry={onReload} />
      {data === null ? error === null && <Empty>{t("app.loading")}</Empty> : <Terms terms={data} />}
    </Panel>
  );
}

function Terms({ terms }: { readonly terms: CampaignTerms }): ReactElement {
  const { t, locale } = useWords();
  const number = new Intl.NumberFormat(locale);
  return (
    <div className="stack">
      {terms.text.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {terms.open === 0 && <p className="muted">{t("terms.none")}</p>}
      {terms.soon !== null && terms.soon > 0 && (
        <Notice tone="warn">{t(terms.soon === 1 ? "terms.soon.one" : "terms.soon.many", { count: number.format(terms.soon) })}</Notice>
      )}
      {terms.ends.length > 0 && (
        <div>
          <h3>{t("terms.ends")}</h3>
          <ul className="lines">
            {terms.ends.map((end) => (
              <li key={end.on} className="line">
                <span>
                  {day(end.on, locale)}
                  {end.crisis > 0 && <span className="muted"> {t("terms.crisis", { count: number.format(end.crisis) })}</span>}
                </span>
                <strong>{number.format(end.cases)}</strong>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
