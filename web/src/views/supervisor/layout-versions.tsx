import type { ReactElement } from "react";
import type { ResultLayout, ResultProfile } from "../../api/types";
import { dateTime } from "../../domain/dates";
import { layoutChanges, type LayoutForm, layoutOf } from "../../domain/result-layout";
import type { LayoutsModel } from "../../state/layouts";
import { useWords, type Words } from "../../ui/app-context";
import { Badge, Button, ErrorNotice } from "../../ui/parts";
import { useStore } from "../../ui/use-store";

/** What another version has otherwise, in words; empty: it is the same. */
function changesOf({ t }: Words, before: ResultLayout, after: ResultLayout): string {
  const { added, removed, other, order, form } = layoutChanges(before, after);
  return [
    added.length > 0 ? t("layouts.changes.added", { names: added.join(", ") }) : "",
    removed.length > 0 ? t("layouts.changes.removed", { names: removed.join(", ") }) : "",
    other.length > 0 ? t("layouts.changes.other", { names: other.join(", ") }) : "",
    order ? t("layouts.changes.order") : "",
    form ? t("layouts.changes.form") : "",
  ]
    .filter((text) => text !== "")
    .join(" ");
}

interface Props {
  readonly model: LayoutsModel;
  readonly now: LayoutForm;
  readonly mayWrite: boolean;
}

/** Earlier versions; each can be had back into the form, and is the newest once it is kept. */
export function LayoutVersions({ model, now, mayWrite }: Props): ReactElement {
  const words = useWords();
  const { t, locale } = words;
  const { data, error } = useStore(model.versions);
  const form = layoutOf(now);
  return (
    <section className="stack" aria-label={t("layouts.versions")}>
      <h3>{t("layouts.versions")}</h3>
      <ErrorNotice error={error} onRetry={() => void model.versions.reload()} />
      {data === null && error === null && <p className="muted">{t("app.loading")}</p>}
      <ol className="lines" reversed>
        {(data ?? []).map((profile: ResultProfile) => {
          const changes = changesOf(words, profile.layout, form);
          return (
            <li key={profile.version} className="line">
              <span>
                <Badge>{t("layouts.version", { version: profile.version })}</Badge> {dateTime(profile.created_at, locale)}
                <div className="muted">{changes === "" ? t("layouts.changes.none") : t("layouts.changes", { changes })}</div>
              </span>
              {mayWrite && changes !== "" && (
                <Button size="small" aria-label={t("layouts.back.of", { version: profile.version })} onPress={() => model.takeBack(profile)}>
                  {t("layouts.back")}
                </Button>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
