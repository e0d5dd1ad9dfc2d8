import { type ReactElement, useEffect, useState } from "react";
import type { Source } from "../../api/types";
import { editPlace, monthDays, newPlace, type PlaceForm, placeFaults, placeForm, placeOfSource } from "../../domain/places";
import type { SourcesModel } from "../../state/sources";
import { useWords } from "../../ui/app-context";
import { type Option, SelectInput, TextInput, TimeInput } from "../../ui/fields";
import { Button, Panel } from "../../ui/parts";
import { useStore } from "../../ui/use-store";
import { PlaceFields, WeekDays } from "./place-fields";

const HOLDS: readonly Source["holds"][] = ["list", "numbers", "visits"];
const KINDS: readonly Source["kind"][] = ["sftp", "folder"];
/** No mapping can have this name: names are printable. */
const GUESS = "\t";
const USUAL_TIME = "10:00";

interface Props {
  readonly model: SourcesModel;
  /** null: a new one. */
  readonly source: Source | null;
  readonly campaigns: readonly Option[];
  readonly onClose: () => void;
}

/** One place where lists are fetched: made, or changed. */
export function SourceEditor({ model, source, campaigns, onClose }: Props): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  const { data: mappings } = useStore(model.mappings);
  const before = source === null ? null : placeOfSource(source);
  const [place, setPlace] = useState<PlaceForm>(() => (before === null ? newPlace("sftp", USUAL_TIME) : placeForm(before)));
  const [chosen, setCampaign] = useState("");
  const [mapping, setMapping] = useState(source === null || source.mapping_name === "" ? GUESS : source.mapping_name);
  const [holds, setHolds] = useState<Source["holds"]>(source === null ? "list" : source.holds);
  useEffect(() => void model.choose(holds), [model, holds]);
  const [dates, setDates] = useState(source === null ? "" : source.month_days.join(", "));
  const [asked, setAsked] = useState(false);
  const campaign = chosen === "" && campaigns.length === 1 ? (campaigns[0]?.id ?? "") : chosen;
  const days = monthDays(dates);
  const expected = place.weekdays.length > 0 || dates.trim() !== "";
  const faults = placeFaults(place, expected);
  const noCampaign = source === null && campaign === "";
  const edit = (change: Partial<PlaceForm>): void => setPlace((form) => editPlace(form, change, before));
  const names = [...new Set([...(mappings ?? []), ...(mapping === GUESS ? [] : [mapping])])]; // one that is named stays in sight
  const save = async (): Promise<void> => {
    setAsked(true);
    if (Object.keys(faults).length > 0 || noCampaign || days === null) return;
    const form = { campaign, holds, mapping: mapping === GUESS ? "" : mapping, monthDays: days, place };
    if (source !== null) {
      if (await model.change(source, form)) onClose();
    } else if (await model.make(form)) {
      setPlace(newPlace(place.kind, USUAL_TIME));
      setDates("");
      setAsked(false);
    }
  };
  return (
    <Panel
      title={source === null ? t("sources.make") : t("channels.edit.of", { name: source.name })}
      tone={source === null ? "plain" : "accent"}
      aside={
        source !== null && (
          <Button size="small" onPress={onClose}>
            {t("channels.close")}
          </Button>
        )
      }
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {source === null && (
          <>
            <SelectInput
              label={t("sources.kind")}
              value={place.kind}
              onChange={(kind) => edit({ kind: KINDS.find((one) => one === kind) ?? "sftp", path: "" })}
              options={KINDS.map((id) => ({ id, label: t(`sources.kind.${id}`) }))}
            />
            <SelectInput
              label={t("deliveries.campaign")}
              value={campaign}
              onChange={setCampaign}
              options={campaigns}
              placeholder={t(campaigns.length === 0 ? "places.noCampaign" : "deliveries.campaign.choose")}
              {...(asked && noCampaign ? { error: t("places.wrong.empty") } : {})}
            />
          </>
        )}
        <PlaceFields form={place} faults={asked ? faults : {}} pathHint="sources.path.hint" onEdit={edit} />
        <SelectInput
          label={t("sources.holds")}
          value={holds}
          onChange={(chosen) => {
            setHolds(HOLDS.find((one) => one === chosen) ?? "list");
            setMapping(GUESS);
          }}
          options={HOLDS.map((id) => ({ id, label: t(`deliveries.kind.${id}`) }))}
        />
        <SelectInput
          label={t("deliveries.mapping")}
          hint={t("sources.mapping.hint")}
          value={mapping}
          onChange={setMapping}
          options={[{ id: GUESS, label: t("deliveries.mapping.guess") }, ...names.map((name) => ({ id: name, label: name }))]}
        />
        <WeekDays label={t("sources.weekdays")} days={place.weekdays} onChange={(weekdays) => edit({ weekdays })} />
        <TextInput label={t("sources.month_days")} hint={t("sources.month_days.hint")} value={dates} onChange={setDates} maxLength={60} {...(days === null ? { error: t("sources.month_days.wrong") } : {})} />
        {expected && <TimeInput label={t("sources.time")} value={place.time} onChange={(time) => edit({ time })} {...(asked && faults.time !== undefined ? { error: t("places.wrong.time") } : {})} />}
        <div>
          <Button look="primary" type="submit" isDisabled={busy}>
            {t(source === null ? "sources.make" : "channels.keep")}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
