import type { ReactElement } from "react";
import type { Preflight } from "../../api/types";
import { useWords } from "../../ui/app-context";
import { Icon } from "../../ui/icon";
import { Notice } from "../../ui/parts";

/** What would happen at a start: whom it will call, whom not, and what blocks it. */
export function PreflightFacts({ preflight }: { readonly preflight: Preflight }): ReactElement {
  const { t, locale } = useWords();
  const number = new Intl.NumberFormat(locale);
  return (
    <div className="stack">
      <Notice tone={preflight.may_start ? "good" : "bad"}>{t(preflight.may_start ? "campaign.preflight.ok" : "campaign.preflight.blocked")}</Notice>
      <p className="big-number">
        <strong>{number.format(preflight.will_call)}</strong> <span className="muted">{t("campaign.willCall").toLowerCase()}</span>
      </p>
      <div>
        <h3>{t("campaign.skipped")}</h3>
        {preflight.skipped.length === 0 ? (
          <p className="muted">{t("campaign.skipped.none")}</p>
        ) : (
          <ul className="lines">
            {preflight.skipped.map((item) => (
              <li key={item.code} className="line">
                <span>{item.text}</span>
                <strong>{number.format(item.count)}</strong>
              </li>
            ))}
          </ul>
        )}
      </div>
      <div>
        <h3>{t("campaign.checks")}</h3>
        <ul className="lines">
          {preflight.checks.map((check) => {
            const tone = check.ok ? "good" : check.blocking ? "bad" : "warn";
            const word = check.ok ? "campaign.check.ok" : check.blocking ? "campaign.check.blocking" : "campaign.check.warning";
            return (
              <li key={check.code} className={`check check--${tone}`}>
                <Icon name={check.ok ? "check" : "warning"} />
                <span>
                  <span className="visually-hidden">{t(word)}: </span>
                  {check.text}
                </span>
              </li>
            );
          })}
        </ul>
      </div>
    </div>
  );
}
