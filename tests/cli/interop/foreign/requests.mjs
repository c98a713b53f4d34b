// Signs or verifies the requests in input.json with the npm package http-message-signatures.
import crypto from "node:crypto";
import fs from "node:fs";
import library from "http-message-signatures";

const { createSigner, createVerifier, httpbis } = library;
const { action, requests } = JSON.parse(fs.readFileSync("input.json", "utf8"));
const covered = ["@method", "@authority", "@path", "@query"];

function digest(body) {
  return `sha-256=:${crypto.createHash("sha256").update(body).digest("base64")}:`;
}

function signer({ alg, keyid, private_key }) {
  if (alg === "ed25519") return createSigner(private_key, alg, keyid);
  // `createSigner` uses the longest possible salt, but RFC 9421, section 3.3.1, requires 64 bytes.
  const options = { key: private_key, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 };
  return { id: keyid, alg, sign: async (data) => crypto.sign("sha512", data, options) };
}

async function sign({ method, url, body, ...key }) {
  const headers = body === undefined ? {} : { "Content-Digest": digest(body) };
  const config = {
    key: signer(key),
    fields: [...covered, ...Object.keys(headers).map((name) => name.toLowerCase())],
    params: ["created", "keyid", "alg", "nonce"],
    paramValues: { nonce: crypto.randomUUID() },
  };
  const signed = await httpbis.signMessage(config, { method, url, headers });
  return { method, url, headers: signed.headers, body };
}

async function verify({ method, url, headers, body, alg, keyid, public_key }) {
  // The library verifies the header. Its caller compares the digest with the body.
  if (body !== undefined && headers["Content-Digest"] !== digest(body)) return false;
  const key = { id: keyid, algs: [alg], verify: createVerifier(public_key, alg) };
  const config = {
    keyLookup: async (params) => (params.keyid === keyid ? key : null),
    requiredFields: body === undefined ? covered : [...covered, "content-digest"],
    requiredParams: ["created", "keyid", "alg", "nonce"],
    maxAge: 60,
    all: true,
  };
  return httpbis.verifyMessage(config, { method, url, headers });
}

const answers = await Promise.all(requests.map({ sign, verify }[action]));
console.log(JSON.stringify(answers));
