// Uses the JWK set in input.json as a directory of keys for the npm package web-bot-auth, and prints signed requests.
import { strict as assert } from "node:assert";
import { createPrivateKey, webcrypto } from "node:crypto";
import fs from "node:fs";
import { helpers, jwkToKeyID, signatureHeaders, verify } from "web-bot-auth";
import { signerFromJWK, verifierFromJWK } from "web-bot-auth/crypto";

// Node.js 18 does not have this global variable.
globalThis.crypto ??= webcrypto;

const { directory, keys } = JSON.parse(fs.readFileSync("input.json", "utf8"));
for (const jwk of directory.keys) {
  assert.equal(await jwkToKeyID(jwk, helpers.WEBCRYPTO_SHA256, helpers.BASE64URL_DECODE), jwk.kid);
}

function find(keyid) {
  const found = directory.keys.filter((jwk) => jwk.kid === keyid);
  assert.equal(found.length, 1, keyid);
  return verifierFromJWK(found[0]);
}

async function verifyWithDirectory(data, signature, params) {
  return (await find(params.keyid))(data, signature, params);
}

const signed = [];
for (const { id, url, headers, private_key } of keys) {
  const signer = await signerFromJWK(createPrivateKey(private_key).export({ format: "jwk" }));
  const sign = async (keyid) => {
    const created = new Date();
    const params = { created, expires: new Date(created.getTime() + 60_000) };
    const named = { alg: signer.alg, keyid, sign: (data) => signer.sign(data) };
    return signatureHeaders(new Request(url), named, params);
  };

  // The library finds the key of a request in the directory.
  const ours = await sign(signer.keyid);
  await verify(new Request(url, { headers: ours }), verifyWithDirectory);
  const elsewhere = new Request("https://other.example/", { headers: ours });
  await assert.rejects(verify(elsewhere, verifyWithDirectory), /invalid signature/);

  // So it does for a request that keywright signed.
  await verify(new Request(url, { headers }), verifyWithDirectory);
  await assert.rejects(verify(new Request("https://other.example/", { headers }), verifyWithDirectory));

  for (const keyid of [signer.keyid, id]) {
    signed.push({ method: "GET", url, headers: await sign(keyid) });
  }
}
console.log(JSON.stringify(signed));
