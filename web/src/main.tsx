import { render } from "preact";
import { follow, loadIndex } from "./api";
import { App, failed } from "./app";
import { loadSession } from "./session";
import { keepAddress, knownAt, readAddress, view } from "./state";
import { effect } from "@preact/signals";

readAddress();
loadSession().catch(() => undefined); // without an answer there is no log-in to show
loadIndex().then(
  () => {
    keepAddress();
    follow();
    let first = true;
    effect(() => {
      void view.value, knownAt.value;
      if (!first) loadIndex().catch((e) => (failed.value = e));
      first = false;
    });
  },
  (e) => (failed.value = e),
);
render(<App />, document.getElementById("app")!);
