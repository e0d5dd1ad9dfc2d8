import { type ReactElement, useState } from "react";
import type { Agent } from "../../api/types";
import { isOn } from "../../phone/softphone";
import type { Desk } from "../../state/desk";
import { useApp, useWords } from "../../ui/app-context";
import { Button, ErrorNotice, Fact, Facts, Panel } from "../../ui/parts";
import { useStore } from "../../ui/use-store";
import { PhoneCheck, PhoneQuality } from "./phone-sound";
import { PhoneTrouble } from "./phone-trouble";

/** The agent's telephone: in this page, or one of his own. */
export function PhonePanel({ desk, agent }: { readonly desk: Desk; readonly agent: Agent }): ReactElement {
  const { phone } = useApp();
  const { t } = useWords();
  const { status, leg } = useStore(phone);
  const own = agent.phone_kind === "own" && status === "off";
  return (
    <>
      <Panel title={t("softphone.title")} aside={leg && <PhoneQuality phone={phone} />}>
        {own ? <p className="muted">{t("softphone.own")}</p> : <PhoneTrouble phone={phone} />}
        {isOn(status) && <PhoneCheck phone={phone} />}
        {own && <Button onPress={() => void phone.start(true)}>{t("softphone.choose")}</Button>}
      </Panel>
      <OwnPhone desk={desk} />
    </>
  );
}

/** The account for a phone of one's own. The secret lives in memory, and goes when it is hidden. */
function OwnPhone({ desk }: { readonly desk: Desk }): ReactElement {
  const { t } = useWords();
  const device = useStore(desk.device);
  const { busy, error } = useStore(desk.granting);
  return (
    <Panel title={t("softphone.instead.title")}>
      <p className="muted">{t("softphone.instead")}</p>
      <ErrorNotice error={error} />
      {device !== null && (
        <Facts>
          <Fact name={t("phone.username")}>
            <Copyable text={device.username} />
          </Fact>
          <Fact name={t("phone.secret")}>
            <Copyable text={device.secret} />
          </Fact>
          <Fact name={t("phone.domain")}>
            <Copyable text={device.domain} />
          </Fact>
          <Fact name={t("phone.port")}>
            <code>{device.sip_port}</code>
          </Fact>
          <Fact name={t("phone.transport")}>
            <code>{device.transport.toUpperCase()}</code>
          </Fact>
          {device.transport === "tls" && <Fact name={t("phone.sound")}>{t("phone.sound.srtp")}</Fact>}
        </Facts>
      )}
      <p className="field__hint">{t("phone.grant.hint")}</p>
      <div className="row">
        <Button isDisabled={busy} onPress={() => void desk.grantDevice()}>
          {t(device === null ? "phone.grant" : "phone.regrant")}
        </Button>
        {device !== null && (
          <Button look="quiet" onPress={desk.hideDevice}>
            {t("phone.hide")}
          </Button>
        )}
      </div>
    </Panel>
  );
}

function Copyable({ text }: { readonly text: string }): ReactElement {
  const { t } = useWords();
  const [copied, setCopied] = useState(false);
  return (
    <span className="copyable">
      <code>{text}</code>
      {/* Only where the page may use the clipboard: localhost or HTTPS. */}
      {isSecureContext && (
        <Button
          look="quiet"
          size="small"
          onPress={() => void navigator.clipboard.writeText(text).then(() => setCopied(true), () => setCopied(false))}
        >
          {t(copied ? "phone.copied" : "phone.copy")}
        </Button>
      )}
    </span>
  );
}
