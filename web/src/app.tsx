/** Which page shows: by session, permission and address. */

import { type ReactElement, useEffect } from "react";
import { I18nProvider, RouterProvider } from "react-aria-components";
import { AgentPage } from "./views/agent/agent-page";
import { LoginPage } from "./views/login/login-page";
import { type PageId, PAGES, pageAt, pagesFor } from "./views/pages";
import { Shell } from "./views/shell";
import { CallbacksPage } from "./views/supervisor/callbacks-page";
import { CampaignPage } from "./views/supervisor/campaign-page";
import { CampaignsPage } from "./views/supervisor/campaigns-page";
import { CasePage } from "./views/supervisor/case-page";
import { CasesPage } from "./views/supervisor/cases-page";
import { DeliveriesPage } from "./views/supervisor/deliveries-page";
import { ExportsPage } from "./views/supervisor/exports-page";
import { FloorPage } from "./views/supervisor/floor-page";
import { UsersPage } from "./views/supervisor/users-page";
import type { SignedIn } from "./state/session";
import { type App as AppParts, AppContext, useApp, useWords } from "./ui/app-context";
import { Button, Empty, Notice } from "./ui/parts";
import { idAfter, router } from "./ui/router";
import { useStore } from "./ui/use-store";

export function App({ parts }: { readonly parts: AppParts }): ReactElement {
  const { language } = useStore(parts.preferences);
  return (
    <AppContext value={parts}>
      <I18nProvider locale={language === "nl" ? "nl-NL" : "en-GB"}>
        <RouterProvider navigate={router.go}>
          <Gate />
        </RouterProvider>
      </I18nProvider>
    </AppContext>
  );
}

function Gate(): ReactElement {
  const { session } = useApp();
  const { t } = useWords();
  const state = useStore(session);
  useEffect(() => void session.refresh(), [session]);
  switch (state.kind) {
    case "unknown":
      return <Empty>{t("app.loading")}</Empty>;
    case "unreachable":
      return (
        <main className="login" id="content">
          <Notice tone="bad" live="assertive">
            <span>{t("login.unreachable")}</span>
            <Button look="quiet" size="small" onPress={() => void session.refresh()}>
              {t("app.retry")}
            </Button>
          </Notice>
        </main>
      );
    case "signed_out":
      return <LoginPage expired={state.expired} />;
    case "signed_in":
      return <Inside user={state.user} permissions={state.permissions} />;
  }
}

function Inside({ user, permissions }: SignedIn): ReactElement {
  const { hub } = useApp();
  const path = useStore(router);
  const live = permissions.has("live");
  useEffect(() => {
    if (!live) return;
    hub.start(user.id);
    return () => hub.stop();
  }, [hub, live, user.id]);
  const pages = pagesFor(permissions);
  const first = pages[0];
  useEffect(() => {
    if (path === "/" && first !== undefined) router.replace(PAGES[first].path);
  }, [path, first]);
  const current = pageAt(path);
  return (
    <Shell user={user} pages={pages} current={current}>
      <Page path={path} page={current} allowed={current !== null && pages.includes(current)} />
    </Shell>
  );
}

function Page({ path, page, allowed }: { readonly path: string; readonly page: PageId | null; readonly allowed: boolean }): ReactElement | null {
  const { t } = useWords();
  if (path === "/") return null;
  if (page === null) return <Empty>{t("app.notFound")}</Empty>;
  if (!allowed) return <Empty>{t("app.forbidden")}</Empty>;
  const id = idAfter(path, PAGES[page].path);
  switch (page) {
    case "desk":
      return <AgentPage />;
    case "floor":
      return <FloorPage />;
    case "campaigns":
      return id === null ? <CampaignsPage /> : <CampaignPage key={id} id={id} />;
    case "deliveries":
      return <DeliveriesPage />;
    case "cases":
      return id === null ? <CasesPage /> : <CasePage key={id} id={id} />;
    case "callbacks":
      return <CallbacksPage />;
    case "exports":
      return <ExportsPage />;
    case "users":
      return <UsersPage />;
  }
}
