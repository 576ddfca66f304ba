// A second factor is set up and asked for; people sign on with a real provider of identities.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
// @ts-expect-error It has no types.
import Provider from "oidc-provider";

import { freePort, logIn, onBoth, PASSWORD, startService } from "./harness.js";

const EMAIL = "lan.tran@example.vn";
const SECRET = "a secret between the two of us";

/**
 * What an authenticator app shows (RFC 6238).
 * @param {string} base32 What it scanned.
 * @param {number} ahead Steps of half a minute from now.
 */
function totp(base32, ahead = 0) {
  const bits = [...base32].map((symbol) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(symbol).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const mac = createHmac("sha1", key).update(step).digest();
  const at = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

onBoth("a second factor is set up from a picture, and asked for at the next login", async ({ service, browse }) => {
  const { page } = await browse();
  await logIn(page, service);
  await page.goto(`${service.base}/account`);
  await page.getByRole("link", { name: "Xem và thiết lập" }).click();
  await page.getByRole("button", { name: "Bật xác thực hai bước" }).click();
  await page.waitForSelector("svg.qr");
  const secret = (await page.locator("code.list").innerText()).replaceAll(" ", "");
  assert.equal(await page.locator("ul.list li").count(), 8, "recovery codes to write down");
  assert.ok(!page.url().includes(secret), "nothing of it in the address");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 360, "nothing overflows a phone");
  const paper = (await page.locator("ul.list li").first().innerText()).trim();
  await page.fill("#code", totp(secret));
  await page.getByRole("button", { name: "Bật", exact: true }).click();
  await page.waitForSelector("text=Đã bật xác thực hai bước");

  const { page: elsewhere } = await browse();
  await logIn(elsewhere, service);
  assert.equal(new URL(elsewhere.url()).pathname, "/login/code");
  assert.equal(await elsewhere.locator("input[type=password]").count(), 0, "the password is not sent twice");
  await elsewhere.fill("#code", totp(secret, 1));
  await elsewhere.getByRole("button", { name: "Đăng nhập" }).click();
  await elsewhere.waitForURL(`${service.base}/`);

  const { page: lost } = await browse();
  await logIn(lost, service);
  await lost.getByText("Mất điện thoại?").click();
  await lost.fill("#recovery", paper);
  await lost.getByRole("button", { name: "Đăng nhập" }).click();
  await lost.waitForURL(`${service.base}/`);
});

onBoth("whom an administrator awaits signs on with a real provider, and is known from then on", async ({ service, t, browse }) => {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const more = {
    LALANH_OIDC_ISSUER: issuer,
    LALANH_OIDC_CLIENT_ID: "lalanh",
    LALANH_OIDC_CLIENT_SECRET: SECRET,
    LALANH_OIDC_NAME: "VNID",
  };
  const ours = await startService(service.database, { more });
  t.after(() => ours.stop());
  const provider = new Provider(issuer, {
    clients: [
      { client_id: "lalanh", client_secret: SECRET, redirect_uris: [`${ours.base}/login/sign-on/back`] },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    cookies: { keys: ["for this test alone"] },
    findAccount: (/** @type {unknown} */ _, /** @type {string} */ id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: EMAIL, email_verified: true }),
    }),
  });
  const server = createServer(provider.callback());
  await new Promise((listening) => server.listen(port, "localhost", () => listening(undefined)));
  t.after(() => server.close());

  const user = await ours.post("/users", { username: "lan.tran", role: "auditor", password: PASSWORD });
  await ours.call("PUT", `/users/${user.id}/sign-on`, { email: EMAIL });
  const { page } = await browse();
  await page.goto(`${ours.base}/login?next=%2Faccount`);
  await page.getByRole("link", { name: "Đăng nhập bằng VNID" }).click();
  await page.fill("input[name=login]", "person-7");
  await page.fill("input[name=password]", "whatever");
  await page.click("button[type=submit]");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL(`${ours.base}/account`);
  assert.match(await page.locator("main").innerText(), /lan\.tran/);
  const link = await ours.get(`/users/${user.id}/sign-on`);
  assert.ok(link.linked_at && !link.waits_until, "linked, and the address is forgotten");
});
