import { type ReactElement, useState } from "react";
import { ddasFile } from "../../state/ddas";
import { Action } from "../../state/query";
import { isoDay } from "../../domain/dates";
import { lastMonth } from "../../domain/ddas-form";
import { useApp, useWords } from "../../ui/app-context";
import { DateInput, SelectInput } from "../../ui/fields";
import { Button, ErrorNotice, Notice, Panel } from "../../ui/parts";
import { saveFile } from "../../ui/save-file";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import type { Campaigns } from "./use-campaigns";

/** The municipality's delivery to the national exchange over some days. */
export function DdasDownload({ campaigns }: { readonly campaigns: Campaigns }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const acting = useModel(() => new Action());
  const { busy, error } = useStore(acting);
  const [chosen, setCampaign] = useState("");
  const [month] = useState(() => lastMonth(isoDay(new Date(client.now() * 1000))));
  const [begin, setBegin] = useState(month.begin);
  const [end, setEnd] = useState(month.end);
  const campaign = chosen === "" && campaigns.options.length === 1 ? (campaigns.options[0]?.id ?? "") : chosen;
  const turned = begin !== "" && end !== "" && begin > end;
  const ready = campaign !== "" && begin !== "" && end !== "" && !turned;
  const field = error?.problem?.field;
  return (
    <Panel title={t("ddas.file")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void acting.run(async () => saveFile(await ddasFile(client, campaign, begin, end), `ddas-${begin}-${end}.json`));
        }}
      >
        <p className="muted">{t("ddas.file.hint")}</p>
        <div className="columns columns--wide">
          <SelectInput label={t("deliveries.campaign")} value={campaign} onChange={setCampaign} options={campaigns.options} placeholder={t("deliveries.campaign.choose")} />
          <DateInput label={t("ddas.begin")} value={begin} onChange={setBegin} />
          <DateInput label={t("ddas.end")} value={end} onChange={setEnd} {...(turned ? { error: t("ddas.wrong.turned") } : {})} />
        </div>
        {error !== null && field === "document" && <Notice tone="bad" live="assertive">{t("ddas.wrong.document")}</Notice>}
        {error !== null && field !== undefined && field !== "document" && <Notice tone="bad" live="assertive">{t("ddas.wrong.profile")}</Notice>}
        {field === undefined && <ErrorNotice error={error} />}
        <div>
          <Button type="submit" icon="file" isDisabled={busy || !ready}>
            {t("ddas.file.do")}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
