// The portal: which page an address is, and who is signed in.
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { CreatePage } from "./create";
import { ListPage } from "./list";
import { OrphansPage } from "./orphan_list";
import { Link } from "./parts";
import { PlanPage } from "./plan";
import { PlatformPage } from "./platform";
import { ReportPage } from "./report_page";
import { NewWebhookPage, WebhooksPage } from "./webhook_list";
import { WebhookPage } from "./webhook";
import { hasSignIn, prepare, signOut } from "./signin";

function page(path: string) {
  const platform = /^\/p\/(p-[a-z0-9]{12})$/.exec(path);
  if (platform) return <PlatformPage key={platform[1]} id={platform[1]!} />;
  const plan = /^\/p\/(p-[a-z0-9]{12})\/(?:plan|events\/(e-[0-9a-f]{12}))$/.exec(path);
  if (plan) return <PlanPage key={path} id={plan[1]!} eventId={plan[2] ?? null} />;
  const report = /^\/p\/(p-[a-z0-9]{12})\/events\/(e-[0-9a-f]{12})\/reports\/([0-9T:-]+)$/.exec(path);
  if (report) return <ReportPage key={path} id={report[1]!} eventId={report[2]!} occurrence={report[3]!} />;
  const webhook = /^\/account\/webhooks\/(w-[0-9a-f]{12})$/.exec(path);
  if (webhook) return <WebhookPage key={path} id={webhook[1]!} />;
  if (path === "/account/webhooks/new") return <NewWebhookPage />;
  if (path === "/account/orphans") return <OrphansPage />;
  if (path === "/account/webhooks") return <WebhooksPage />;
  if (path === "/new") return <CreatePage />;
  if (path === "/") return <ListPage />;
  return <main><h1>There is nothing here</h1><p><Link to="/">All platforms</Link></p></main>;
}

function App({ problem }: { problem: string | null }) {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const moved = (): void => setPath(location.pathname);
    addEventListener("popstate", moved);
    return () => removeEventListener("popstate", moved);
  }, []);
  return (
    <>
      <header class="top">
        <Link to="/" class="brand"><i aria-hidden="true" />Headend</Link>
        {hasSignIn() && <button class="plain" onClick={signOut}>Sign out</button>}
      </header>
      {problem && <p class="banner bad" role="alert">{problem}</p>}
      {page(path)}
    </>
  );
}

let problem: string | null = null;
try {
  await prepare();
} catch (error) {
  problem = error instanceof Error ? error.message : String(error);
}
render(<App problem={problem} />, document.getElementById("app")!);
