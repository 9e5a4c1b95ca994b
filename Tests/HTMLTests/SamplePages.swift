import HTML

/// One page of each kind that people see, built of the classes of the style sheet.
enum SamplePages {
    static let all: [(name: String, page: Page)] = [
        ("login", login), ("login-branded", branded), ("pin-email", pinEmail), ("pin-code", pinCode),
        ("consent", consent),
        ("denied", denied), ("logged-out", loggedOut), ("launcher", launcher), ("error", error), ("console", console),
    ]

    // MARK: Signing in

    static let login = card(title: "Sign in to Wiki") {
        header("Sign in to Wiki", "wiki.example.org is protected by Acme. Choose how to sign in.")
        element("ul", ["class": "choices"]) {
            choice("Acme Azure", icon: "icon-organization")
            choice("Okta", monogram: "O", detail: "Contractors and partners")
            choice("GitHub", monogram: "G")
        }
        element("div", ["class": "or"]) { "or" }
        element("a", ["class": "button secondary", "href": "/pin"]) {
            icon("icon-mail")
            "Get a code by e-mail"
        }
    }

    static let branded = card(title: "Acme", theme: "theme.css") {
        element("header") {
            element("div", ["class": "brand"]) {
                element("img", ["class": "logo", "src": "logo.svg", "alt": "Acme"])
            }
        }
        header("Welcome to Acme", "Only for members of staff & invited guests.")
        element("ul", ["class": "choices"]) { choice("Acme Azure", icon: "icon-organization") }
    }

    static let pinEmail = card(title: "Sign in with a code") {
        header("Sign in with a code", "We send six digits to your address. They are valid for ten minutes.")
        element("form", ["method": "post", "action": "/pin"]) {
            element("div", ["class": "field"]) {
                element("label", ["for": "email"]) { "E-mail address" }
                element(
                    "input",
                    [
                        "id": "email", "name": "email", "type": "email", "autocomplete": "email", "required": true,
                        "placeholder": "you@example.org",
                    ])
                element("p", ["class": "hint"]) { "The address that was invited to this application." }
            }
            element("label", ["class": "check"]) {
                element("input", ["type": "checkbox", "name": "private", "checked": true])
                element("span") { "This is my own device" }
            }
            element("button", ["class": "button"]) { "Send the code" }
        }
        element("a", ["class": "button quiet", "href": "/login"]) { "Other ways to sign in" }
    }

    static let pinCode = card(title: "Enter the code") {
        element("header") {
            element("span", ["class": "icon icon-mail large"])
            element("h1") { "Check your mail" }
            element("p", ["class": "lead"]) {
                "If "
                element("b") { "ada@example.org" }
                " may sign in, a code is on its way."
            }
        }
        element("form", ["method": "post", "action": "/pin/verify"]) {
            element("div", ["class": "field"]) {
                element("label", ["for": "code"]) { "Six digits" }
                element(
                    "input",
                    [
                        "id": "code", "name": "code", "class": "pin", "inputmode": "numeric",
                        "autocomplete": "one-time-code", "maxlength": 6, "value": "42190", "autofocus": true,
                        "aria-invalid": true,
                        "aria-describedby": "code-error",
                    ])
                element("p", ["class": "error", "id": "code-error"]) {
                    "That code is not right. You have 3 tries left."
                }
            }
            element("button", ["class": "button"]) { "Sign in" }
        }
        element("p", ["class": "small muted center"]) {
            "Nothing arrived? "
            element("a", ["href": "/pin"]) { "Send another code" }
        }
    }

    static let consent = card(title: "Allow access?") {
        element("header") {
            element("div", ["class": "brand"]) {
                element("span", ["class": "icon monogram"]) { "N" }
                "Notes for agents"
            }
            element("h1") { "Allow access to Wiki?" }
            element("p", ["class": "lead"]) { "Notes for agents asks to act for you, ada@example.org." }
        }
        element("ul", ["class": "programs"]) {
            for grant in [
                "Know who you are: name and e-mail address", "Open Wiki as you", "Stay connected for 30 days",
            ] {
                element("li") { element("p") { grant } }
            }
        }
        element("dl", ["class": "facts"]) {
            element("dt") { "Sends you to" }
            element("dd") { element("code") { "https://notes.example.net" } }
            element("dt") { "Registered" }
            element("dd") { "today" }
        }
        element("p", ["class": "notice warn"]) {
            "This client registered itself. Allow it only if you just started it."
        }
        element("form", ["method": "post", "action": "/consent"]) {
            element("div", ["class": "actions"]) {
                element("button", ["class": "button", "name": "answer", "value": "allow"]) { "Allow" }
                element("button", ["class": "button secondary", "name": "answer", "value": "deny"]) { "Deny" }
            }
        }
    }

    // MARK: Ends

    static let denied = card(title: "No access") {
        element("header") {
            element("span", ["class": "icon icon-lock large bad"])
            element("h1") { "You have no access to Wiki" }
            element("p", ["class": "lead"]) {
                "You are signed in, but no policy lets you in. Ask the owner of the application."
            }
        }
        facts("denied")
        element("div", ["class": "actions"]) {
            element("a", ["class": "button", "href": "/"]) { "Your applications" }
            element("a", ["class": "button secondary", "href": "/logout"]) { "Use another account" }
        }
    }

    static let loggedOut = card(title: "Signed out") {
        element("header") {
            element("span", ["class": "icon icon-check large good"])
            element("h1") { "You are signed out" }
            element("p", ["class": "lead"]) { "Your sessions in all applications of Acme have ended." }
        }
        element("a", ["class": "button", "href": "/"]) { "Sign in again" }
    }

    static let error = card(title: "Something went wrong") {
        element("header") {
            element("span", ["class": "icon icon-warning large warn"])
            element("h1") { "The identity provider did not answer" }
            element("p", ["class": "lead"]) {
                "Try again in a minute. If it stays like this, tell your administrator the code."
            }
        }
        facts("idp_unreachable")
        element("a", ["class": "button", "href": "/login"]) { "Try again" }
    }

    // MARK: Larger pages

    static let launcher = Page(title: "Your applications", stylesheet: "style.css") {
        bar("Acme")
        element("main", ["class": "page"]) {
            element("header") {
                element("h1") { "Your applications" }
                element("p", ["class": "lead"]) { "What you may open in Acme." }
            }
            element("ul", ["class": "apps"]) {
                tile("Wiki", "wiki.example.org", icon: "icon-app")
                tile("Payroll", "payroll.example.org", icon: "icon-lock")
                tile("A name that is longer than its tile is wide", "a-rather-long-host-name.internal.example.org")
                tile("Directory", "people.example.org", icon: "icon-person")
                tile("Deploy", "deploy.example.org", icon: "icon-key")
                tile("بوابة", "portal.example.org")
            }
        }
    }

    static let console = Page(title: "Overview", stylesheet: "style.css") {
        bar("Acme console")
        element("main", ["class": "page"]) {
            element("header") { element("h1") { "Overview" } }
            element("div", ["class": "columns"]) {
                figure("1,284", "logins today")
                figure("37", "denied")
                element("div", ["class": "card"]) {
                    element("h2") { "Seats" }
                    element(
                        "meter", ["class": "meter", "value": 0.4, "high": 0.8, "optimum": 0.1, "aria-label": "Seats"])
                    element(
                        "meter",
                        ["class": "meter", "value": 0.9, "high": 0.8, "optimum": 0.1, "aria-label": "Sessions"])
                    element("progress", ["class": "meter", "value": 0.6, "aria-label": "Backup"])
                }
            }
            element("p", ["class": "notice"]) { "A new version is available." }
            element("p", ["class": "notice good"]) { "The policy was saved." }
            element("p", ["class": "notice bad"]) { "The certificate ends in 3 days." }
            element("div", ["class": "table"]) {
                element("table") {
                    element("caption") { "Requests" }
                    element("thead") {
                        element("tr") {
                            for name in ["Person", "Application", "Result"] { element("th", ["scope": "col"]) { name } }
                            element("th", ["scope": "col", "class": "number"]) { "Time" }
                        }
                    }
                    element("tbody") {
                        request("ada@example.org", "Wiki", "good", "allowed", "12 ms")
                        request("bob@example.org", "Payroll", "bad", "denied", "8 ms")
                        request("eve@example.org", "Wiki", "warn", "expired", "104 ms")
                    }
                }
            }
            element("form", ["class": "card", "method": "post", "action": "/apps"]) {
                element("h2") { "New application" }
                element("div", ["class": "field"]) {
                    element("label", ["for": "kind"]) { "Kind" }
                    element("select", ["id": "kind"]) { element("option") { "Self-hosted" } }
                }
                element("div", ["class": "field"]) {
                    element("label", ["for": "note"]) { "Note" }
                    element("textarea", ["id": "note", "placeholder": "For your colleagues"])
                }
                element("div", ["class": "actions"]) {
                    element("button", ["class": "button"]) { "Save" }
                    element("button", ["class": "button secondary"]) { "Cancel" }
                    element("button", ["class": "button", "disabled": true]) { "Not now" }
                    element("button", ["class": "button danger"]) {
                        icon("icon-cross")
                        "Delete"
                    }
                }
            }
        }
    }
}
