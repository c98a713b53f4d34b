"""Signs or verifies the requests in input.json with the Python package http-message-signatures."""

import json
import uuid
from types import SimpleNamespace

from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    InvalidSignature,
    MappingKeyResolver,
    algorithms,
)

ALGORITHMS = {"ed25519": algorithms.ED25519, "rsa-pss-sha512": algorithms.RSA_PSS_SHA512}
COVERED = ["@method", "@authority", "@path", "@query"]


def library(kind, request):
    """Returns a signer or verifier that knows the key of the request."""
    keys = {
        half: {request["keyid"]: request[name].encode()} if name in request else {}
        for half, name in [("public_keys", "public_key"), ("private_keys", "private_key")]
    }
    return kind(signature_algorithm=ALGORITHMS[request["alg"]], key_resolver=MappingKeyResolver(**keys))


def body_of(request):
    return request["body"].encode() if "body" in request else None


def sign(request):
    message = SimpleNamespace(method=request["method"], url=request["url"], headers={})
    # With a body, the library adds `Content-Digest` and covers it.
    library(HTTPMessageSigner, request).sign(
        message,
        key_id=request["keyid"],
        nonce=str(uuid.uuid4()),
        covered_component_ids=COVERED,
        body=body_of(request),
    )
    return {name: request[name] for name in ("method", "url", "body") if name in request} | {"headers": message.headers}


def verify(request):
    message = SimpleNamespace(**{name: request[name] for name in ("method", "url", "headers")})
    try:
        results = library(HTTPMessageVerifier, request).verify(
            message, require_components=COVERED, body=body_of(request) or b""
        )
    except InvalidSignature:
        return False
    return len(results) == 1


with open("input.json", encoding="utf-8") as file:
    given = json.load(file)
print(json.dumps([{"sign": sign, "verify": verify}[given["action"]](request) for request in given["requests"]]))
