#!/usr/bin/env python3
"""Makes every file in this directory anew, with OpenSSL 3 and OpenSSH on the path. Python's standard library only."""

import base64, json, math, os, random, subprocess, sys

os.chdir(os.path.dirname(os.path.abspath(__file__)))
rng = random.Random(20170)  # the weak keys are the same on every run; they protect nothing


def run(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, **more).stdout


def openssl(line, **more):
    return run("openssl", *line.split(), **more)


def write(name, data):
    with open(name, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())


def is_prime(n, rounds=12):
    if n < 2 or any(n % p == 0 for p in SMALL if p < n):
        return n in SMALL
    d, s = n - 1, 0
    while d % 2 == 0:
        d, s = d // 2, s + 1
    for _ in range(rounds):
        x = pow(rng.randrange(2, n - 1), d, n)
        if x in (1, n - 1):
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


SMALL = [p for p in range(2, 2000) if all(p % q for q in range(2, math.isqrt(p) + 1))]


def next_prime(n):
    n |= 1
    while not is_prime(n):
        n += 2
    return n


def prime(bits):
    return next_prime(rng.getrandbits(bits) | 3 << bits - 2)


def tlv(tag, *contents):
    body = b"".join(contents)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def integer(n):
    return tlv(2, n.to_bytes(n.bit_length() // 8 + 1, "big"))


def oid(dotted):
    first, second, *arcs = map(int, dotted.split("."))
    out = b""
    for arc in [first * 40 + second, *arcs]:
        chunk = bytes([arc & 127])
        while arc := arc >> 7:
            chunk = bytes([arc & 127 | 128]) + chunk
        out += chunk
    return tlv(6, out)


def pkcs1(n, e):
    return tlv(0x30, integer(n), integer(e))


def spki(algorithm, bits):
    return tlv(0x30, tlv(0x30, *algorithm), tlv(3, b"\0", bits))


RSA, NULL = oid("1.2.840.113549.1.1.1"), tlv(5)


def pem(label, der):
    text = base64.b64encode(der).decode()
    lines = "\n".join(text[i : i + 64] for i in range(0, len(text), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"


def public(name, n, e=65537):
    write(name, pem("PUBLIC KEY", spki([RSA, NULL], pkcs1(n, e))))


def numbers(name):
    text = openssl(f"pkey -pubin -in {name} -noout -text").decode().replace(" ", "")
    n = int("".join(text.split("Modulus:")[1].split("Exponent")[0].replace(":", "").split()), 16)
    return n, int(text.split("Exponent:")[1].split("(")[0])


def b64url(n):
    return base64.urlsafe_b64encode(n.to_bytes((n.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()


# Accepted, in every format; all rsa2048.* are one key.
for bits in 2048, 2056, 3072, 4096:
    openssl(f"genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:{bits} -out private")
    openssl(f"pkey -in private -pubout -out rsa{bits}.spki.pem")
    if bits == 2048:
        os.rename("private", "rsa2048.private.pkcs8.pem")
PRIVATE = "rsa2048.private.pkcs8.pem"
openssl(f"pkey -in {PRIVATE} -pubout -outform DER -out rsa2048.spki.der")
openssl("rsa -pubin -in rsa2048.spki.pem -RSAPublicKey_out -out rsa2048.pkcs1.pem")
openssl("rsa -pubin -in rsa2048.spki.pem -RSAPublicKey_out -outform DER -out rsa2048.pkcs1.der")
n, e = numbers("rsa2048.spki.pem")
write("rsa2048.bare.spki.der", spki([RSA], pkcs1(n, e)))
run("ssh-keygen", "-i", "-m", "PKCS8", "-f", "rsa2048.spki.pem")
write("rsa2048.ssh.pub", run("ssh-keygen", "-i", "-m", "PKCS8", "-f", "rsa2048.spki.pem").strip() + b" someone@example\n")
write("rsa2048.ssh2.pub", run("ssh-keygen", "-e", "-m", "RFC4716", "-f", "rsa2048.ssh.pub"))
jwk = {"kty": "RSA", "n": b64url(n), "e": b64url(e), "use": "sig", "kid": "1"}
write("rsa2048.jwk", json.dumps(jwk, indent=2) + "\n")
write("rsa2048.jwks", json.dumps({"keys": [jwk]}) + "\n")
openssl(f"req -x509 -key {PRIVATE} -subj /CN=example -days 36500 -out rsa2048.cert.pem")
openssl("x509 -in rsa2048.cert.pem -outform DER -out rsa2048.cert.der")
openssl(f"req -new -key {PRIVATE} -subj /CN=example -out rsa2048.csr.pem")
openssl("req -in rsa2048.csr.pem -outform DER -out rsa2048.csr.der")
openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:8589934591 -out private")
openssl("pkey -in private -pubout -out e33bits.spki.pem")

# id-RSASSA-PSS
openssl("genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha256 "
        "-pkeyopt rsa_pss_keygen_mgf1_md:sha256 -pkeyopt rsa_pss_keygen_saltlen:32 -out pss.private.pem")
openssl("pkey -in pss.private.pem -pubout -out pss-sha256.spki.pem")
for name, options in {
    "pss-none": "",
    "pss-salt20": "rsa_pss_keygen_md:sha256 rsa_pss_keygen_mgf1_md:sha256 rsa_pss_keygen_saltlen:20",
    "pss-salt33": "rsa_pss_keygen_md:sha256 rsa_pss_keygen_mgf1_md:sha256 rsa_pss_keygen_saltlen:33",
    "pss-sha512": "rsa_pss_keygen_md:sha512 rsa_pss_keygen_mgf1_md:sha512 rsa_pss_keygen_saltlen:32",
    "pss-mgf1sha1": "rsa_pss_keygen_md:sha256 rsa_pss_keygen_mgf1_md:sha1 rsa_pss_keygen_saltlen:32",
}.items():
    flags = "".join(f" -pkeyopt {option}" for option in options.split())
    openssl("genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048" + flags + " -out private")
    openssl(f"pkey -in private -pubout -out {name}.spki.pem")
write("pss-salt300.spki.der", spki([oid("1.2.840.113549.1.1.10"), tlv(0x30, tlv(0xA2, integer(300)))], pkcs1(n, e)))

# Private material. The passphrase is `test`.
openssl(f"pkey -in {PRIVATE} -outform DER -traditional -out rsa2048.private.pkcs1.der")
write("rsa2048.private.pkcs8.der", openssl(f"pkcs8 -topk8 -nocrypt -in {PRIVATE} -outform DER"))
openssl(f"pkey -in {PRIVATE} -traditional -out rsa2048.private.pkcs1.pem")
openssl(f"pkcs8 -topk8 -in {PRIVATE} -passout pass:test -out rsa2048.private.encrypted.pem")
openssl(f"pkcs8 -topk8 -in {PRIVATE} -passout pass:test -outform DER -out rsa2048.private.encrypted.der")
openssl(f"rsa -in {PRIVATE} -traditional -aes128 -passout pass:test -out rsa2048.private.pkcs1-encrypted.pem")
openssl(f"pkcs12 -export -inkey {PRIVATE} -in rsa2048.cert.pem -passout pass:test -out rsa2048.p12")
write("rsa2048.openssh", open(PRIVATE, "rb").read())
os.chmod("rsa2048.openssh", 0o600)
run("ssh-keygen", "-p", "-N", "", "-f", "rsa2048.openssh")
os.chmod("rsa2048.openssh", 0o644)
# The shape of a PuTTY file; its private part is made up.
blob = open("rsa2048.ssh.pub").read().split()[1]
chunk = lambda text: "\n".join(text[i : i + 64] for i in range(0, len(text), 64))
write("rsa2048.ppk", "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: test\n"
      f"Public-Lines: {-(-len(blob) // 64)}\n{chunk(blob)}\nPrivate-Lines: 1\nAAAA\nPrivate-MAC: 00\n")
text = openssl(f"rsa -in {PRIVATE} -noout -text").decode().replace(" ", "").replace("\n", "")
part = lambda start, stop: int(text.split(start + ":")[1].split(stop)[0].replace(":", ""), 16)
d, p, q = part("privateExponent", "prime1"), part("prime1", "prime2"), part("prime2", "exponent1")
write("rsa2048.private.jwk", json.dumps({**jwk, "d": b64url(d), "p": b64url(p), "q": b64url(q)}) + "\n")
inner = tlv(0x30, *map(integer, [0, n, e, d + 2, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p)]))
write("rsa2048.private.inconsistent.pem", pem("RSA PRIVATE KEY", inner))

# Other algorithms
for name, options in {
    "ed25519": "-algorithm ED25519", "ed448": "-algorithm ED448", "x25519": "-algorithm X25519",
    "ec": "-algorithm EC -pkeyopt ec_paramgen_curve:P-256",
    "dh": "-algorithm DH -pkeyopt group:ffdhe2048",
}.items():
    openssl(f"genpkey {options} -out {name}.private.pem")
    openssl(f"pkey -in {name}.private.pem -pubout -out {name}.spki.pem")
openssl("pkey -in ec.private.pem -traditional -outform DER -out ec.private.der")
openssl("dsaparam -out private -genkey 2048")
openssl("pkey -in private -pubout -out dsa.spki.pem")
write("ml-dsa-44.spki.pem", pem("PUBLIC KEY", spki([oid("2.16.840.1.101.3.4.3.17")], bytes(1312))))
# The point of order 8 with y = 0x05fc53..., and 2^255 - 19 + 1 for the y of the neutral element.
for name, y in ("small", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), ("uncanonical", "ee" + 30 * "ff" + "7f"):
    write(f"ed25519-{name}.pem", pem("PUBLIC KEY", spki([oid("1.3.101.112")], bytes.fromhex(y))))
write("unknown.spki.pem", pem("PUBLIC KEY", spki([oid("1.3.6.1.4.1.99999.7")], bytes(32))))
for kind in "ed25519", "ecdsa":
    run("ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "someone@example", "-f", "private.ssh")
    os.rename("private.ssh.pub", f"{kind}.ssh.pub")
    os.remove("private.ssh")
openssl("req -x509 -key ec.private.pem -subj /CN=example -days 36500 -out ec.cert.pem")
for name in "ed448", "x25519", "dh":
    os.remove(f"{name}.private.pem")

# Weak keys
def product(bits):
    while True:
        n = prime(bits // 2) * prime(bits - bits // 2)
        if n.bit_length() == bits:
            return n

good = n
public("weak-1024.pem", product(1024))
public("weak-2047.pem", next_prime(rng.getrandbits(1023) | 5 << 1020) * next_prime(rng.getrandbits(1024) | 5 << 1021))
public("weak-2052.pem", product(2052))
public("weak-8200.pem", rng.getrandbits(8200) | 1 << 8199 | 1)
public("weak-16384.pem", rng.getrandbits(16384) | 1 << 16383 | 1)
for name, e in {"e1": 1, "e3": 3, "e65535": 65535, "e65538": 65538, "e2p33p1": 2**33 + 1, "e128bits": 2**127 + 1}.items():
    public(f"weak-{name}.pem", good, e)
public("weak-even-modulus.pem", good - 1)
public("weak-factor65537.pem", 65537 * next_prime(rng.getrandbits(2031) | 3 << 2030))
public("weak-prime.pem", prime(2048))
public("weak-square.pem", prime(1024) ** 2)


def rounds(p, q):
    """How many rounds of Fermat's method split p·q."""
    return (p + q) // 2 - math.isqrt(p * q)


p = prime(1024)
public("weak-close.pem", p * next_prime(p + 2))


def apart(wanted):
    p = prime(1024)
    low, high = 0, 64 * math.isqrt(p)
    while high - low > 2:  # the middle of the distances that take so many rounds
        middle = (low + high) // 4 * 2
        low, high = (middle, high) if rounds(p, p + middle) < wanted else (low, middle)
    q = next_prime(p + high + math.isqrt(p) // 20)
    assert rounds(p, q) == wanted, rounds(p, q)
    return p * q


public("weak-close-last-round.pem", apart(110))
public("close-round-111.pem", apart(111))


def roca(bits, largest):
    m = math.prod(p for p in SMALL if p <= largest)
    while True:
        k = rng.getrandbits(bits - m.bit_length() + 1)
        p = k * m + pow(65537, rng.getrandbits(256), m)
        if p.bit_length() == bits and p >> bits - 2 == 3 and is_prime(p):
            return p


public("weak-roca2048.pem", roca(1024, 701) * roca(1024, 701))
public("weak-roca3072.pem", roca(1536, 701) * roca(1536, 701))
block = (rng.getrandbits(512) | 1 << 511 | 1).to_bytes(64, "big")
public("weak-repeated.pem", int.from_bytes(block * 4, "big"))
biased = bytes(rng.getrandbits(8) & rng.choice((rng.getrandbits(8), 255)) for _ in range(254))
public("weak-biased.pem", int.from_bytes(b"\x80" + biased + b"\x01", "big"))

os.remove("private")
