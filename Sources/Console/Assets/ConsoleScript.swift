/// The one script of the console. Everything works without it: it adds copy buttons and keeps figures fresh.
enum ConsoleScript {
    static let text = #"""
        "use strict";
        (() => {
            // A button with data-copy copies the text of the element of that id. Without a script there is no such button.
            for (const button of document.querySelectorAll("button[data-copy]")) {
                button.hidden = false;
                const label = button.textContent;
                button.addEventListener("click", async () => {
                    const source = document.getElementById(button.dataset.copy);
                    try {
                        await navigator.clipboard.writeText(source.textContent);
                        button.textContent = "Copied";
                    } catch {
                        const range = document.createRange();
                        range.selectNodeContents(source);
                        getSelection().removeAllRanges();
                        getSelection().addRange(range);
                        button.textContent = "Press Ctrl+C";
                    }
                    setTimeout(() => { button.textContent = label; }, 2500);
                });
            }

            // An element with data-refresh (seconds) and an id is replaced by itself as the server makes it now, unless
            // somebody is at work in it. The session does not take that for a sign of life.
            const live = document.querySelectorAll("[data-refresh]");
            const isBusy = (part) => part.contains(document.activeElement) || part.querySelector("details[open]");
            const refresh = async (part) => {
                if (document.hidden || isBusy(part)) return;
                try {
                    const answer = await fetch(location.href, { headers: { "X-Console-Refresh": "1" } });
                    if (!answer.ok || answer.redirected) return;
                    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
                    const fresh = page.getElementById(part.id);
                    if (fresh && !isBusy(part)) part.replaceChildren(...document.importNode(fresh, true).childNodes);
                } catch {
                    // Offline for a while: the next round tries again.
                }
            };
            for (const part of live) setInterval(() => refresh(part), Number(part.dataset.refresh) * 1000);
        })();

        """#
}
