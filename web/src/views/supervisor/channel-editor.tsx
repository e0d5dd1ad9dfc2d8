import { type ReactElement, useState } from "react";
import type { Channel, ChannelState } from "../../api/types";
import type { MessageKey } from "../../i18n";
import type { ChannelsModel } from "../../state/channels";
import { useWords } from "../../ui/app-context";
import { SelectInput, TextInput } from "../../ui/fields";
import { Button, Panel } from "../../ui/parts";
import { useStore } from "../../ui/use-store";

const STATES: readonly ChannelState[] = ["on", "paused", "off"];
const FIELDS: Readonly<Record<string, MessageKey>> = {
  kanaal: "channels.field.kanaal",
  taal: "channels.field.taal",
  onderwerp: "channels.field.onderwerp",
  nummerveld: "channels.field.nummerveld",
  objecttype: "channels.field.objecttype",
  register: "channels.field.register",
  soort_object_id: "channels.field.soort_object_id",
  handeling_hulp: "channels.field.handeling_hulp",
  handeling_crisis: "channels.field.handeling_crisis",
  actor: "channels.field.actor",
};

interface Props {
  readonly model: ChannelsModel;
  readonly channel: Channel;
  readonly onClose: () => void;
}

/** One channel: whether it sends, where to, and how our fields are called there. */
export function ChannelEditor({ model, channel, onClose }: Props): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  const [state, setState] = useState(channel.state);
  const [url, setUrl] = useState(channel.url);
  const [key, setKey] = useState("");
  const [values, setValues] = useState(() => Object.fromEntries(channel.fields.map((field) => [field.key, field.value === field.usual ? "" : field.value])));
  return (
    <Panel title={channel.name} tone="accent" aside={<Button size="small" onPress={onClose}>{t("channels.close")}</Button>}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void model.setState(channel, state);
        }}
      >
        <SelectInput
          label={t("campaigns.state")}
          value={state}
          onChange={(value) => setState(STATES.find((one) => one === value) ?? state)}
          options={STATES.map((id) => ({ id, label: t(`channels.state.${id}.long`) }))}
        />
        <div>
          <Button type="submit" isDisabled={busy || state === channel.state}>
            {t("channels.keep")}
          </Button>
        </div>
      </form>
      {channel.kind !== "hand" && (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void model.setAddress(channel, url, key);
          }}
        >
          <TextInput label={t("channels.url")} hint={t("channels.url.hint")} value={url} onChange={setUrl} maxLength={500} />
          {channel.kind === "klantinteracties" && (
            <TextInput label={t("channels.secret.new")} hint={t("channels.secret.hint")} type="password" autoComplete="new-password" value={key} onChange={setKey} maxLength={500} />
          )}
          <div>
            <Button type="submit" isDisabled={busy || (url === channel.url && key === "")}>
              {t("channels.keep")}
            </Button>
          </div>
        </form>
      )}
      {channel.fields.length > 0 && (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void model.setFields(channel, values);
          }}
        >
          <h3>{t("channels.fields")}</h3>
          <p className="muted">{t("channels.fields.hint")}</p>
          {channel.fields.map((field) => (
            <TextInput
              key={field.key}
              label={t(FIELDS[field.key] ?? "channels.fields")}
              value={values[field.key] ?? ""}
              placeholder={field.usual}
              onChange={(value) => setValues((before) => ({ ...before, [field.key]: value }))}
              maxLength={200}
            />
          ))}
          <div>
            <Button type="submit" isDisabled={busy}>
              {t("channels.keep")}
            </Button>
          </div>
        </form>
      )}
    </Panel>
  );
}
