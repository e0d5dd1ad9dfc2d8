/** The frame around every page: menu, connection, who is signed in. */

import { type ReactElement, type ReactNode, useState } from "react";
import { Button as AriaButton, DialogTrigger, Label, Menu, MenuItem, MenuTrigger, Popover, RadioGroup } from "react-aria-components";
import type { User } from "../api/types";
import type { Language, MessageKey } from "../i18n";
import { useApp, useMay, useWords } from "../ui/app-context";
import { RadioChoice, Toggle } from "../ui/choices";
import { Icon } from "../ui/icon";
import { Button, Link, Notice } from "../ui/parts";
import { PopoverDialog } from "../ui/popover-dialog";
import type { Theme } from "../ui/preferences";
import { router } from "../ui/router";
import { useStore } from "../ui/use-store";
import { speaks } from "../state/colleagues";
import { ColleagueBar } from "./agent/colleague-bar";
import { menuOf, type PageId, PAGES } from "./pages";
import { PasswordButton } from "./password";

interface ShellProps {
  readonly user: User;
  readonly pages: readonly PageId[];
  readonly current: PageId | null;
  readonly children: ReactNode;
}

export function Shell({ user, pages, current, children }: ShellProps): ReactElement {
  const { t, code } = useWords();
  const { links, setup } = menuOf(pages);
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {t("app.skip")}
      </a>
      <header className="top">
        <div className="brand">
          <span className="brand__mark">
            <Icon name="phone" />
          </span>
          <span className="brand__name">{t("app.name")}</span>
        </div>
        <nav className="nav" aria-label={t("nav.main")}>
          {links.map((page) => (
            <Link key={page} to={PAGES[page].path} current={page === current}>
              {t(PAGES[page].title)}
            </Link>
          ))}
          {setup.length > 0 && <SetupMenu pages={setup} current={current} />}
        </nav>
        <LinkState />
        <DialogTrigger>
          <Button look="quiet" icon="user" aria-label={`${user.display_name}: ${t("menu.open")}`}>
            {user.display_name}
          </Button>
          <PopoverDialog className="popover popover--menu" placement="bottom end" label={t("menu.open")} look="menu">
            <div>
              <strong>{user.display_name}</strong>
              <div className="muted">{code("role", user.role)}</div>
            </div>
            <Button slot="close" icon="file" onPress={() => router.go(PAGES.handbook.path)}>
              {t("nav.handbook")}
            </Button>
            <Button slot="close" icon="user" onPress={() => router.go(PAGES.account.path)}>
              {t("nav.account")}
            </Button>
            <TourButton />
            <Looks />
            <PasswordButton />
            <Lock />
            <SignOut />
          </PopoverDialog>
        </DialogTrigger>
      </header>
      <LinkNotice />
      {current !== "desk" && <ColleagueElsewhere />}
      <main className="content" id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

/** A colleague who calls is seen, answered and hung up on every page of an agent, not on his desk alone. */
function ColleagueElsewhere(): ReactElement | null {
  const { desk, hub } = useApp();
  const { t } = useWords();
  const { agent } = useStore(hub);
  if (agent === null || !speaks(agent.colleague_call)) return null;
  return (
    <section className="banner" aria-label={t("colleague.banner")}>
      <ColleagueBar desk={desk} agent={agent} />
    </section>
  );
}

/** What is set up now and then: one button in the menu, which opens with Enter, space or the arrow down. */
function SetupMenu({ pages, current }: { readonly pages: readonly PageId[]; readonly current: PageId | null }): ReactElement {
  const { t } = useWords();
  const here = current !== null && pages.includes(current);
  return (
    <MenuTrigger>
      <AriaButton className={`link nav__group ${here ? "nav__group--here" : ""}`}>
        {t("nav.setup")}
        {here && <span className="visually-hidden">: {t(PAGES[current].title)}</span>}
        <Icon name="down" />
      </AriaButton>
      <Popover className="popover" placement="bottom start">
        <Menu className="list-box" aria-label={t("nav.setup")} onAction={(page) => router.go(PAGES[page as PageId].path)}>
          {pages.map((page) => (
            <MenuItem key={page} id={page} className="list-box__item">
              {t(PAGES[page].title)}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

/** Shown round again: on the desk, for whoever has one. */
function TourButton(): ReactElement | null {
  const { tour } = useApp();
  const { t } = useWords();
  const show = (): void => {
    router.go(PAGES.desk.path);
    tour.open();
  };
  return useMay("duty") ? (
    <Button slot="close" icon="user" onPress={show}>
      {t("tour.open")}
    </Button>
  ) : null;
}

function LinkState(): ReactElement | null {
  const { link } = useStore(useApp().hub);
  const { t } = useWords();
  const live = useMay("live");
  const good = link === "open";
  if (!live) return null; // nothing is told to a client's people as it happens: there is no feed to lose
  return (
    <span className={`link-state ${good ? "link-state--good" : "link-state--bad"}`} role="status">
      <span className="link-state__dot" />
      <span className={good ? "visually-hidden" : ""}>{t(good ? "link.open" : "link.connecting")}</span>
    </span>
  );
}

function LinkNotice(): ReactElement | null {
  const { link } = useStore(useApp().hub);
  const { t } = useWords();
  if (link !== "waiting") return null;
  return (
    <section className="banner" aria-label={t("link.waiting")}>
      <Notice tone="warn" live="polite">
        <strong>{t("link.waiting")}</strong> {t("link.hint")}
      </Notice>
    </section>
  );
}

const THEMES: readonly (readonly [Theme, MessageKey])[] = [
  ["system", "menu.theme.system"],
  ["light", "menu.theme.light"],
  ["dark", "menu.theme.dark"],
];

function Looks(): ReactElement {
  const { preferences } = useApp();
  const { theme, language, keys } = useStore(preferences);
  const { t } = useWords();
  return (
    <div className="stack">
      <RadioGroup className="choices" value={language} onChange={(value) => preferences.change({ language: value as Language })}>
        <Label className="label">{t("menu.language")}</Label>
        <div className="row">
          <RadioChoice value="nl">
            Nederlands
          </RadioChoice>
          <RadioChoice value="en">
            English
          </RadioChoice>
        </div>
      </RadioGroup>
      <RadioGroup className="choices" value={theme} onChange={(value) => preferences.change({ theme: value as Theme })}>
        <Label className="label">{t("menu.theme")}</Label>
        <div className="row">
          {THEMES.map(([value, key]) => (
            <RadioChoice key={value} value={value}>
              {t(key)}
            </RadioChoice>
          ))}
        </div>
      </RadioGroup>
      <div>
        <Toggle selected={keys} onChange={(on) => preferences.change({ keys: on })}>
          {t("menu.keys")}
        </Toggle>
        <p className="field__hint">{t("menu.keys.hint")}</p>
      </div>
    </div>
  );
}

function Lock(): ReactElement {
  const { hub, lockNow } = useApp();
  const { t } = useWords();
  const { agent } = useStore(hub);
  return (
    <Button icon="lock" isDisabled={agent?.state === "talking" || agent?.state === "reserved"} onPress={() => void lockNow()}>
      {t("menu.lock")}
    </Button>
  );
}

/** In a conversation one press asks first: the phone ends with the session, and the resident would hear music. */
function SignOut(): ReactElement {
  const { hub, session } = useApp();
  const { t } = useWords();
  const { agent } = useStore(hub);
  const [asked, setAsked] = useState(false);
  const talking = agent?.state === "talking";
  const sure = talking && asked;
  return (
    <div className="stack">
      <div className="region" aria-live="polite">
        {sure && <Notice tone="warn">{t("menu.signOut.talking")}</Notice>}
      </div>
      {/* One and the same button, so that the focus stays on it. */}
      <Button look={sure ? "danger" : "secondary"} icon="lock" onPress={() => (talking && !asked ? setAsked(true) : void session.signOut())}>
        {t(sure ? "menu.signOut.anyway" : "menu.signOut")}
      </Button>
    </div>
  );
}
