"""Walks the way through the login that a browser would, with every host on loopback."""
import http.client
import urllib.parse


def sign_in(port, host, jar=None):
    """The application's session cookie, for whom the identity provider signs in without asking.

    - jar: is filled with all cookies, by host.
    """
    jar = {} if jar is None else jar

    def get(url, extra=()):
        parts = urllib.parse.urlsplit(url)
        cookies = jar.setdefault(parts.hostname, {})
        headers = {"Host": parts.netloc, "Accept": "text/html", **dict(extra)}
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=30)
        connection.request("GET", parts.path + (f"?{parts.query}" if parts.query else ""), headers=headers)
        answer = connection.getresponse()
        answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, content = value.split(";")[0].split("=", 1)
                cookies[key] = content
        connection.close()
        return answer

    authority = f"{host}:{port}"
    answer = get(f"http://{authority}/cdn-cgi/access/forward-auth", {"X-Forwarded-Uri": "/", "X-Forwarded-For": "203.0.113.9"}.items())
    url = f"http://{authority}/"
    for _ in range(12):
        if "CF_Authorization" in jar[host]:
            return jar[host]["CF_Authorization"]
        if answer.status not in (302, 303):
            break
        url = urllib.parse.urljoin(url, answer.getheader("location"))
        answer = get(url)
    raise SystemExit(f"nobody could sign in: {answer.status} at {url}")
