// Reads keys with the npm package jose, verifies an assertion, and prints others.
import { strict as assert } from "node:assert";
import { randomUUID, webcrypto } from "node:crypto";
import fs from "node:fs";
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  exportJWK,
  importPKCS8,
  importSPKI,
  jwtVerify,
  SignJWT,
} from "jose";

// Node.js 18 does not have this global variable.
globalThis.crypto ??= webcrypto;

const input = JSON.parse(fs.readFileSync("input.json", "utf8"));
const { alg, id, audience, assertion, jwks } = input;
const publicKey = await importSPKI(input.public_key, alg, { extractable: true });
const privateKey = await importPKCS8(input.private_key, alg);

for (const jwk of jwks.keys) assert.equal(await calculateJwkThumbprint(jwk), jwk.kid);
const thumbprint = await calculateJwkThumbprint(await exportJWK(publicKey));
assert.equal(jwks.keys.filter((jwk) => jwk.kid === thumbprint).length, 1);

const exported = createLocalJWKSet(jwks);
const options = {
  algorithms: [alg],
  audience,
  issuer: id,
  subject: id,
  typ: "JWT",
  maxTokenAge: "5m",
  requiredClaims: ["exp", "iat", "jti"],
};
for (const key of [publicKey, exported]) {
  const { payload, protectedHeader } = await jwtVerify(assertion, key, options);
  assert.equal(protectedHeader.kid, thumbprint);
  assert.equal(payload.exp - payload.iat, 300);
  const refused = (token, other, code) => assert.rejects(jwtVerify(token, key, { ...options, ...other }), { code });
  await refused(assertion, { audience: `${audience}/other` }, "ERR_JWT_CLAIM_VALIDATION_FAILED");
  await refused(assertion, { issuer: randomUUID() }, "ERR_JWT_CLAIM_VALIDATION_FAILED");
  const [header, claims, signature] = assertion.split(".");
  const longer = Buffer.from(JSON.stringify({ ...payload, exp: payload.exp + 1 })).toString("base64url");
  assert.notEqual(longer, claims);
  await refused([header, longer, signature].join("."), {}, "ERR_JWS_SIGNATURE_VERIFICATION_FAILED");
}

const others = [];
for (const kid of [id, thumbprint]) {
  const other = await new SignJWT()
    .setProtectedHeader({ alg, kid })
    .setIssuer(id)
    .setSubject(id)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime("1m")
    .setJti(randomUUID())
    .sign(privateKey);
  if (kid === thumbprint) await jwtVerify(other, exported, { audience, issuer: id });
  others.push(other);
}
console.log(JSON.stringify(others));
