"""A real browser: headless Chromium, driven over the W3C WebDriver protocol by plain HTTP."""

import pathlib
import shutil
import subprocess
import base64
import time

import httpx

from server import PATIENCE

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Chromium:
    def __init__(self, folder: pathlib.Path):
        driver, binary = shutil.which("chromedriver"), shutil.which("chromium")
        assert driver and binary, "Chromium and its driver are needed: run scripts/deps.sh"
        self.log = open(folder / "chromedriver.log", "wb")
        port = None
        # The driver takes one port for IPv4 and IPv6 and gives up where only one of them is free: then another will do.
        for _ in range(5):
            self.process = subprocess.Popen([driver, "--port=0"], stdout=subprocess.PIPE, stderr=self.log, text=True)
            port = next((line.rsplit(" ", 1)[1].strip().rstrip(".") for line in self.process.stdout
                         if "started successfully on port" in line), None)
            if port:
                break
            self.process.wait(PATIENCE)
            self.process.stdout.close()
        assert port, f"chromedriver does not start: see {self.log.name}"
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE)
        made = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"binary": binary, "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1000,800",
                f"--user-data-dir={folder / 'profile'}"]}}}})
        self.session = f"/session/{made['sessionId']}"

    def call(self, method: str, path: str, body=None):
        answer = self.http.request(method, path, json=body if method == "POST" else None)
        value = answer.json()["value"]
        assert answer.is_success, value
        return value

    def do(self, method: str, path: str, body=None):
        return self.call(method, self.session + path, body)

    def open(self, url: str): self.do("POST", "/url", {"url": url})

    @property
    def url(self) -> str: return self.do("GET", "/url")

    @property
    def text(self) -> str: return self.do("GET", f"/element/{self.find('body')}/text")

    def find(self, css: str) -> str:
        return self.do("POST", "/element", {"using": "css selector", "value": css})[ELEMENT]

    def click(self, css: str): self.do("POST", f"/element/{self.find(css)}/click", {})

    def follow(self, words: str):
        found = self.do("POST", "/element", {"using": "partial link text", "value": words})[ELEMENT]
        self.do("POST", f"/element/{found}/click", {})

    def type(self, css: str, text: str): self.do("POST", f"/element/{self.find(css)}/value", {"text": text})

    def focused(self) -> str:
        return self.do("GET", f"/element/{self.do('GET', '/element/active')[ELEMENT]}/property/id")

    def until(self, check, what: str):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.holds(check):
                return
            time.sleep(0.05)
        raise AssertionError(f"not {what}: {self.url}\n{self.text}")

    def holds(self, check) -> bool:
        try:
            return check(self)
        except AssertionError as problem:
            # A page that is being replaced has no elements, or other ones than a moment ago.
            error = problem.args[0] if problem.args else None
            if isinstance(error, dict) and (
                    error.get("error") in ("no such element", "stale element reference")
                    or "does not belong to the document" in error.get("message", "")):
                return False
            raise

    def complaints(self) -> list[str]:
        """What the console says since it was last asked: errors of pages and reports of their policies."""
        return [
            f"{entry['level']} {entry['message']}" for entry in self.do("POST", "/se/log", {"type": "browser"})
            # That a page is a refusal is no error of the page.
            if "the server responded with a status of 40" not in entry["message"]]

    def picture(self, path: pathlib.Path): path.write_bytes(base64.b64decode(self.do("GET", "/screenshot")))

    def look(self, scheme: str, width: int, height: int):
        """Another colour scheme of the reader, another width of the page."""
        for command, parameters in [
            ("Emulation.setEmulatedMedia", {"features": [
                {"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}]}),
            ("Emulation.setDeviceMetricsOverride",
             {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}),
        ]:
            self.do("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def width(self) -> tuple[int, int]:
        """How wide the page is, and how wide the window."""
        return tuple(self.do("POST", "/execute/sync", {
            "script": "return [document.documentElement.scrollWidth, window.innerWidth]", "args": []}))

    def stop(self) -> None:
        try:
            self.http.request("DELETE", self.session)
        finally:
            self.process.terminate()
            self.process.wait(PATIENCE)
            self.process.stdout.close()
            self.log.close()
            self.http.close()
