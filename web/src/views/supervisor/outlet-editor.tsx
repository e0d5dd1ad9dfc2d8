import { type ReactElement, useState } from "react";
import type { Outlet } from "../../api/types";
import { editPlace, newPlace, type PlaceForm, placeFaults, placeForm, placeOf } from "../../domain/places";
import type { OutletsModel } from "../../state/outlets";
import { useWords } from "../../ui/app-context";
import { type Option, SelectInput, TimeInput } from "../../ui/fields";
import { Button, Panel } from "../../ui/parts";
import { useStore } from "../../ui/use-store";
import { PlaceFields, WeekDays } from "./place-fields";

const KINDS: readonly Outlet["kind"][] = ["sftp", "folder", "push"];
/** No layout can have this name: names are printable. */
const OWN = "\t";
const USUAL_TIME = "17:00";

interface Props {
  readonly model: OutletsModel;
  /** null: a new one. */
  readonly outlet: Outlet | null;
  readonly campaigns: readonly Option[];
  readonly layouts: readonly string[];
  readonly onClose: () => void;
}

/** One place where results go: made, or changed. What a server or an address opens with is never shown again. */
export function OutletEditor({ model, outlet, campaigns, layouts, onClose }: Props): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  const before = outlet === null ? null : placeOf(outlet);
  const [place, setPlace] = useState<PlaceForm>(() => (before === null ? newPlace("sftp", USUAL_TIME) : placeForm(before)));
  const [chosen, setCampaign] = useState("");
  const [layout, setLayout] = useState(outlet === null || outlet.profile === "" ? OWN : outlet.profile);
  const [asked, setAsked] = useState(false);
  const campaign = chosen === "" && campaigns.length === 1 ? (campaigns[0]?.id ?? "") : chosen;
  const faults = placeFaults(place, place.weekdays.length > 0);
  const noCampaign = outlet === null && campaign === "";
  const edit = (change: Partial<PlaceForm>): void => setPlace((form) => editPlace(form, change, before));
  const save = async (): Promise<void> => {
    setAsked(true);
    if (Object.keys(faults).length > 0 || noCampaign) return;
    const form = { campaign, profile: layout === OWN ? "" : layout, place };
    if (outlet !== null) {
      if (await model.change(outlet, form)) onClose();
    } else if (await model.make(form)) {
      setPlace(newPlace(place.kind, USUAL_TIME));
      setAsked(false);
    }
  };
  const title = outlet === null ? t("outlets.make") : t("channels.edit.of", { name: outlet.name });
  return (
    <Panel
      title={title}
      tone={outlet === null ? "plain" : "accent"}
      aside={
        outlet !== null && (
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
        {outlet === null && (
          <>
            <SelectInput
              label={t("sources.kind")}
              hint={t(`outlets.kind.${place.kind}.hint`)}
              value={place.kind}
              onChange={(kind) => edit({ kind: KINDS.find((one) => one === kind) ?? "sftp", path: "" })}
              options={KINDS.map((id) => ({ id, label: t(`outlets.kind.${id}`) }))}
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
        <PlaceFields form={place} faults={asked ? faults : {}} pathHint={place.kind === "folder" ? "outlets.path.folder" : "outlets.path.sftp"} onEdit={edit} />
        <SelectInput
          label={t("outlets.layout")}
          hint={t("outlets.layout.hint")}
          value={layout}
          onChange={setLayout}
          options={[{ id: OWN, label: t("outlets.layout.own") }, ...layouts.map((name) => ({ id: name, label: name }))]}
        />
        <WeekDays label={t("outlets.weekdays")} days={place.weekdays} onChange={(weekdays) => edit({ weekdays })} />
        {place.weekdays.length > 0 ? (
          <TimeInput label={t("outlets.time")} value={place.time} onChange={(time) => edit({ time })} {...(asked && faults.time !== undefined ? { error: t("places.wrong.time") } : {})} />
        ) : (
          <p className="field__hint">{t("outlets.weekdays.none")}</p>
        )}
        <div>
          <Button look="primary" type="submit" isDisabled={busy}>
            {t(outlet === null ? "outlets.make" : "channels.keep")}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
