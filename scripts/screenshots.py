#!/usr/bin/env python3
"""Pictures of the console of a running server, from what scripts/demo.sh put in it.

Usage: screenshots.py SERVER TOKEN_FILE FOLDER [--every]

Without --every, the pictures that the documentation shows. With it, each page as people see it in the light, in the dark and
on a phone, to be looked at.
"""

import pathlib
import sys
import tempfile
import urllib.parse

import httpx

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Tests" / "Interop"))
from webdriver import Chromium  # noqa: E402

# Every page and its path. What is in braces was made by the demo.
PAGES = {
    "overview": "/organizations/{organization}",
    "organizations": "/organizations",
    "tree": "/organizations/{organization}/tree",
    "accounts": "/organizations/{organization}/accounts",
    "account-new": "/accounts/new",
    "account": "/accounts/{account}",
    "account-members": "/accounts/{account}/members",
    "account-settings": "/accounts/{account}/settings",
    "identity-providers": "/accounts/{account}/identity-providers",
    "identity-provider-new": "/accounts/{account}/identity-providers/new?type=oidc",
    "primary-idp": "/organizations/{organization}/primary-idp",
    "drift": "/organizations/{organization}/drift?status=all",
    "members": "/organizations/{organization}/members",
    "organization-audit": "/organizations/{organization}/audit",
    "settings": "/organizations/{organization}/settings",
    "applications": "/accounts/{account}/applications",
    "application": "/accounts/{account}/applications/{app}",
    "application-edit": "/accounts/{account}/applications/{app}/edit",
    "application-question": "/accounts/{account}/applications/{app}?email=mallory@example.net&country=NL",
    "policies": "/accounts/{account}/policies",
    "policy-question": "/accounts/{account}/policies/{policy}?email=alice@example.com&country=NL",
    "policy-edit": "/accounts/{account}/policies/{policy}/edit",
    "groups": "/accounts/{account}/groups",
    "service-tokens": "/accounts/{account}/service-tokens",
    "agents": "/accounts/{account}/agents",
    "users": "/accounts/{account}/users",
    "access-log": "/accounts/{account}/access-log",
    "account-audit": "/accounts/{account}/audit",
    "zero-trust": "/accounts/{account}/zero-trust",
    "keys": "/accounts/{account}/zero-trust/keys",
}

# How somebody looks at a page: colour scheme, width and height.
LOOKS = {"light": ("light", 1280, 800), "dark": ("dark", 1280, 800), "narrow": ("light", 390, 800)}

# What the documentation shows: pages and looks.
SHOWN = [
    ("overview", "light"), ("overview", "dark"), ("overview", "narrow"), ("accounts", "light"), ("primary-idp", "light"),
    ("policy-question", "light"), ("application", "light"), ("access-log", "light"),
]


def things(server: str, token: str) -> dict[str, str]:
    """The ids of what the demo made."""
    api = httpx.Client(base_url=f"{server}/client/v4", headers={"Authorization": f"Bearer {token}"}, timeout=60)

    def find(path: str, name: str) -> str:
        return next(item["id"] for item in api.get(path).raise_for_status().json()["result"] if item["name"] == name)

    with api:
        account = find("/accounts?per_page=50", "EMEA")
        return {
            "organization": find("/organizations", "Acme"), "account": account,
            "app": find(f"/accounts/{account}/access/apps", "wiki"),
            "policy": find(f"/accounts/{account}/access/policies", "staff"),
        }


def main(server: str, token_file: str, folder: str, *options: str):
    token = pathlib.Path(token_file).read_text().strip()
    made, pictures = things(server, token), pathlib.Path(folder)
    pictures.mkdir(parents=True, exist_ok=True)
    console = f"http://localhost:{urllib.parse.urlsplit(server).port}"
    every = "--every" in options
    wanted = [(page, look) for page in PAGES for look in LOOKS] if every else SHOWN
    with tempfile.TemporaryDirectory() as scratch:
        browser = Chromium(pathlib.Path(scratch))
        try:
            # As most people have them: bars that show while somebody scrolls.
            browser.do("POST", "/goog/cdp/execute", {
                "cmd": "Emulation.setScrollbarsHidden", "params": {"hidden": True}})
            browser.open(f"{console}/sign-in")
            for look, of in LOOKS.items() if every else ():
                browser.look(*of)
                browser.picture(pictures / f"sign-in-{look}.png")
            browser.type("#token", token + "\n")
            browser.until(lambda b: "Sign out" in b.text, "signed in")
            for page, look in wanted:
                browser.look(*LOOKS[look])
                browser.open(console + PAGES[page].format(**made))
                if every:
                    # The whole page, however long it is.
                    scheme, width, height = LOOKS[look]
                    tall = browser.do("POST", "/execute/sync", {
                        "script": "return document.documentElement.scrollHeight", "args": []})
                    browser.look(scheme, width, max(height, min(tall, 3000)))
                browser.picture(pictures / f"{page}-{look}.png")
            complaints = browser.complaints()
            assert complaints == [], complaints
        finally:
            browser.stop()
    print(f"{len(list(pictures.glob('*.png')))} pictures in {folder}")


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
