"""Signed tokens and the keys that check them. Needs the Python package `cryptography`."""
import base64
import http.server
import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ISSUER = "https://idp.example.com"
AUDIENCE = "orgd"


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, size):
    return encode(value.to_bytes(size, "big"))


class Keys:
    """An RSA key of 2,048 bits and a P-256 key, as PEM files and as a JWK set on loopback."""

    def __init__(self, folder):
        self.rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())
        self.files = {}
        for name, key in (("rs", self.rsa), ("es", self.ec)):
            self.files[name] = os.path.join(folder, f"{name}.pem")
            with open(self.files[name], "wb") as file:
                file.write(key.public_key().public_bytes(
                    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
        n, p = self.rsa.public_key().public_numbers(), self.ec.public_key().public_numbers()
        keys = [
            {"kty": "RSA", "kid": "rs", "use": "sig", "alg": "RS256", "n": number(n.n, 256), "e": number(n.e, 3)},
            {"kty": "EC", "kid": "es", "use": "sig", "alg": "ES256", "crv": "P-256", "x": number(p.x, 32),
             "y": number(p.y, 32)}]
        body = json.dumps({"keys": keys}).encode()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Cache-Control", "max-age=3600")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/keys"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def sign(self, algorithm, serial):
        now = int(time.time())
        header = {"alg": algorithm, "kid": algorithm[:2].lower(), "typ": "JWT"}
        claims = {
            "iss": ISSUER, "aud": AUDIENCE, "sub": f"user-{serial}", "email": f"user-{serial}@example.com",
            "email_verified": True, "iat": now, "exp": now + 7200, "groups": ["engineers", "production"]}
        text = ".".join(encode(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
        if algorithm == "RS256":
            signature = self.rsa.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        else:
            r, s = decode_dss_signature(self.ec.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
            signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return f"{text}.{encode(signature)}"

    def many(self, algorithm, count, path):
        """Writes `count` different tokens, one a line."""
        with ThreadPoolExecutor(2) as pool, open(path, "w") as file:
            for token in pool.map(lambda serial: self.sign(algorithm, serial), range(count), chunksize=100):
                file.write(token + "\n")
        return path
