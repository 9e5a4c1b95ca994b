# Everything a developer, a newcomer and CI do with this project. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help

CONFIG  ?= debug
BUILD   := .build/$(CONFIG)
REPORTS := .build/reports
VENV    := .build/venv
PYTEST  := ORGD_BIN=$(BUILD)/orgd $(VENV)/bin/python -m pytest -c Tests/Interop/pytest.ini --rootdir Tests/Interop
SWIFT   ?= swift
PREFIX  ?= /usr/local

##@ For a first look

.PHONY: demo
demo: build ## Build what is needed and tell the whole story on a temporary database
	@scripts/demo.sh $(BUILD)

.PHONY: run
run: build ## A server and a development identity provider in the foreground; data in ./data
	@scripts/run.sh $(BUILD)

##@ Building

.PHONY: deps
deps: ## Look for Swift, and install the libraries and headers that the build links
	@scripts/deps.sh

.PHONY: build
build: deps ## Build the server and the command line (CONFIG=release for an optimised build)
	@$(SWIFT) build -c $(CONFIG) --product orgd
	@$(SWIFT) build -c $(CONFIG) --product orgctl

.PHONY: release
release: ## Optimised binaries with the Swift runtime inside, in .build/release
	@scripts/deps.sh
	@$(SWIFT) build -c release --static-swift-stdlib --product orgd
	@$(SWIFT) build -c release --static-swift-stdlib --product orgctl

.PHONY: install
install: release ## Install binaries, documents, completions and the systemd unit below PREFIX (default /usr/local)
	install -D -m 0755 .build/release/orgd $(DESTDIR)$(PREFIX)/bin/orgd
	install -D -m 0755 .build/release/orgctl $(DESTDIR)$(PREFIX)/bin/orgctl
	install -D -m 0644 packaging/orgd.service $(DESTDIR)$(PREFIX)/lib/systemd/system/orgd.service
	sed -i 's|/usr/local/|$(PREFIX)/|' $(DESTDIR)$(PREFIX)/lib/systemd/system/orgd.service
	for file in README.md CHANGELOG.md LICENSE openapi.yaml $$(find docs -name '*.md' -o -name '*.png'); do \
	    install -D -m 0644 $$file $(DESTDIR)$(PREFIX)/share/doc/orgd/$$file; done
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions \
	    $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	.build/release/orgctl completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/orgctl
	.build/release/orgctl completion zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_orgctl
	.build/release/orgctl completion fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/orgctl.fish

.PHONY: clean
clean: ## Remove everything that was built
	rm -rf .build

##@ Proving

.PHONY: test
test: test-unit test-e2e ## Every test, after installing what they need

.PHONY: test-unit
test-unit: deps ## The tests in Swift (FILTER=StoreTests for some of them)
	@mkdir -p $(REPORTS)
	@rm -f $(REPORTS)/*Tests*.xml
	@SWIFT=$(SWIFT) scripts/test_units.sh $(CONFIG) $(REPORTS) $(FILTER)

.PHONY: test-e2e
test-e2e: build $(VENV)/ready ## The built server against the official SDK, generated requests, crashes (FILTER=sdk for some)
	@scripts/deps.sh nginx caddy apache2 libapache2-mod-auth-openidc=/usr/lib/apache2/modules/mod_auth_openidc.so glewlwyd \
		chromium chromium-driver=/usr/bin/chromedriver
	@mkdir -p $(REPORTS)
	@rm -f $(REPORTS)/interop.xml
	@$(PYTEST) --junitxml $(REPORTS)/interop.xml $(if $(FILTER),-k $(FILTER)) Tests/Interop

.PHONY: fuzz
fuzz: build $(VENV)/ready ## Many more generated requests than `make test` sends
	@ORGD_FUZZ_EXAMPLES=300 $(PYTEST) Tests/Interop/test_schemathesis.py

.PHONY: crash
crash: build $(VENV)/ready ## Kill the server a hundred times during an import of a thousand accounts
	@ORGD_CRASH_KILLS=100 $(PYTEST) Tests/Interop/test_crash.py

.PHONY: check
check: deps $(VENV)/ready ## Format, layering, the API description, generated files
	@$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests
	@$(VENV)/bin/python -m pytest -c Tests/Interop/pytest.ini --rootdir Tests/Interop -k "not server" Tests/Interop/test_openapi.py
	@$(SWIFT) test -c $(CONFIG) --disable-xctest --filter ArchitectureTests
	@$(MAKE) --no-print-directory verify

.PHONY: verify
verify: ## Fail when a generated file is not what its source makes of it
	@$(SWIFT) run -c $(CONFIG) embed . --check

.PHONY: sanitize
sanitize: deps ## The tests in Swift under the address and thread sanitizers
	@$(SWIFT) test --sanitize address --scratch-path .build-address --disable-xctest
	@$(SWIFT) test --sanitize thread --scratch-path .build-thread --disable-xctest

.PHONY: bench
bench: release ## Load the server and what any reader can install beside it, and print ratios
	@python3 bench/run.py --orgd .build/release/orgd

##@ Writing

.PHONY: format
format: ## Rewrite the sources in the house format
	@$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

.PHONY: generate
generate: ## Write Migrations/, openapi.yaml and README.md into Swift source
	@$(SWIFT) run -c $(CONFIG) embed .

.PHONY: screenshots
screenshots: build $(VENV)/ready ## The pictures of the console that the README shows, from the data of the demo
	@scripts/deps.sh chromium chromium-driver=/usr/bin/chromedriver
	@ORGD_DEMO_PICTURES=docs/pictures ORGD_DEMO_PYTHON=$(VENV)/bin/python scripts/demo.sh $(BUILD)

.PHONY: hooks
hooks: ## Run `make check` before each commit of this clone
	@printf '#!/bin/sh\nexec make check\n' > "$$(git rev-parse --git-path hooks)/pre-commit"
	@chmod +x "$$(git rev-parse --git-path hooks)/pre-commit"

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	    /^[a-z0-9-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/ready: Tests/Interop/requirements.txt
	@scripts/venv.sh $(VENV) $<
	@touch $@
