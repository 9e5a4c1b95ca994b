"""Pictures of what people see, for looking at: each page in light, dark and narrow."""

import pathlib

VIEWS = {"light": ("light", 1000, 800), "dark": ("dark", 1000, 800), "narrow": ("light", 390, 800)}


class Album:
    """Looks at a page in every view: nothing may be wider than the window. With a folder it keeps pictures."""

    def __init__(self, folder: pathlib.Path | None):
        self.folder = folder
        if folder:
            folder.mkdir(parents=True, exist_ok=True)

    def take(self, browser, name: str) -> None:
        for view, (scheme, width, height) in VIEWS.items():
            browser.look(scheme, width, height)
            page, window = browser.width()
            assert page <= window == width, f"{name} is {page} px wide where there are {width}"
            if self.folder:
                browser.picture(self.folder / f"{name}-{view}.png")
        browser.look("light", 1000, 800)
