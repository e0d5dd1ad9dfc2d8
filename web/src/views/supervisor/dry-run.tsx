import type { ReactElement } from "react";
import { useWords } from "../../ui/app-context";
import { Notice } from "../../ui/parts";

interface Tried {
  readonly moved: number;
  readonly closed: number;
  readonly same: number;
  readonly estimated: boolean;
}

/** What a change would do to the residents' next attempts. */
export function DryRun({ tried }: { readonly tried: Tried }): ReactElement {
  const { t, locale } = useWords();
  const count = (value: number): { count: string } => ({ count: new Intl.NumberFormat(locale).format(value) });
  const { moved, closed, same, estimated } = tried;
  return (
    <Notice tone={closed > 0 ? "warn" : "info"} live="polite">
      <div className="stack stack--tight">
        <strong>{moved === 0 ? t("settings.moved.none") : moved === 1 ? t("settings.moved.one") : t("settings.moved.many", count(moved))}</strong>
        {closed > 0 && <strong>{closed === 1 ? t("settings.closedCases.one") : t("settings.closedCases.many", count(closed))}</strong>}
        <span>{t("settings.same", count(same))}</span>
        <span className="muted">
          {estimated && `${t("settings.estimated")} `}
          {t("settings.tried.hint")}
        </span>
      </div>
    </Notice>
  );
}
