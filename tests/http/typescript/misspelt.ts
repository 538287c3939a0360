// What the types must refuse, a mistake a statement.

import type { components } from "./api";
import { press, start } from "./journeys";

declare const view: components["schemas"]["View"];

press(view, "submit_code", { kode: "123456" });
press(view, "submit_kode", { code: "123456" });
press(view, "sign_in", { email: "john@medecin.example" });
start({ flow: "payment" });
start({ flow: "signin", command: "sign_in", fields: { email: "a", pasword: "b" } });
view.state === "creatd";
view.screen.fields[0].lable;
