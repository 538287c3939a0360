// All five journeys, in the types that openapi-typescript makes of /openapi.json.

import type { components, operations } from "./api";

type Schemas = components["schemas"];
type View = Schemas["View"];

/** What an operation takes. */
type Body<Name extends keyof operations> = operations[Name] extends {
  requestBody: { content: { "application/json": infer Sent } };
}
  ? Sent
  : never;

/** The operations that press a button of a journey. */
type Command = {
  [Name in keyof operations]: operations[Name] extends {
    parameters: { path: { reference: string } };
    requestBody: unknown;
  }
    ? Name
    : never;
}[keyof operations];

async function ask<Answer>(path: string, bearer: string | null, body: unknown): Promise<Answer> {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (bearer !== null) headers.Authorization = `Bearer ${bearer}`;
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  if (answer.headers.get("Content-Type") === "application/problem+json") {
    const problem: Schemas["Problem"] = await answer.json();
    throw new Error(problem.code);
  }
  return await answer.json();
}

export function start(body: Body<"start_journey">, session: string | null = null): Promise<View> {
  return ask("/api/journeys", session, body);
}

export function press<Name extends Command>(
  view: View,
  command: Name,
  fields: Body<Name>,
): Promise<View> {
  return ask(`/api/journeys/${view.reference}/${command}`, view.token, fields);
}

type Identity = Schemas["SubmitIdentity"];
type Credentials = Schemas["Activate"];

async function proved(view: View, code: string): Promise<View> {
  const phone = view.screen.fields[0]?.options.find((it) => it.kind === "sms");
  if (phone === undefined || phone.unavailable !== null) throw new Error("no number is known");
  const sent = await press(view, "send_code", { channel: phone.value });
  return press(sent, "submit_code", { code });
}

export async function create(identity: Identity, code: string, chosen: Credentials) {
  const begun: Schemas["StartCreationSubmitIdentity"] = {
    flow: "creation",
    command: "submit_identity",
    fields: identity,
  };
  return press(await proved(await start(begun), code), "activate", chosen);
}

export async function recover(identity: Identity, code: string, chosen: Credentials) {
  const begun: Schemas["StartRecoverySubmitIdentity"] = {
    flow: "recovery",
    command: "submit_identity",
    fields: identity,
  };
  const found = await press(await start(begun), "continue_recovery", {});
  return press(await proved(found, code), "activate", chosen);
}

export async function signIn(email: string, password: string): Promise<string | null> {
  const begun: Schemas["StartSigninSignIn"] = {
    flow: "signin",
    command: "sign_in",
    fields: { email, password },
  };
  return (await start(begun)).session;
}

export async function save(session: string, fields: Schemas["Save"]): Promise<string[]> {
  const edited = await start({ flow: "settings" }, session);
  const saved = await press(edited, "save", fields);
  return saved.notices.map((it) => it.text);
}

export async function reset(email: string, link: string, password: string): Promise<boolean> {
  const begun: Schemas["StartResetRequestLink"] = {
    flow: "reset",
    command: "request_link",
    fields: { email },
  };
  await start(begun);
  const used: Body<"use_link"> = { token: link };
  const chosen = await ask<View>("/api/links", null, used);
  const typed = { password, password_confirmation: password };
  return (await press(chosen, "save_password", typed)).state === "password_changed";
}
